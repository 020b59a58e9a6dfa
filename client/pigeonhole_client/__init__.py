"""Client for Pigeonhole: custom image classification that learns from annotations.

Use `Pigeonhole` in programs without coroutines, and `AsyncPigeonhole` with them. Refusals of the
server are raised as exceptions of `pigeonhole_client.errors`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pigeonhole_client.acceptance import Acceptable as Acceptable
    from pigeonhole_client.acceptance import Acceptance as Acceptance
    from pigeonhole_client.api.enums import ApiKeyScope as ApiKeyScope
    from pigeonhole_client.api.enums import Decision as Decision
    from pigeonhole_client.blocking import Function as Function
    from pigeonhole_client.blocking import Pigeonhole as Pigeonhole
    from pigeonhole_client.client import AsyncPigeonhole as AsyncPigeonhole
    from pigeonhole_client.errors import ApiError as ApiError
    from pigeonhole_client.errors import ConflictError as ConflictError
    from pigeonhole_client.errors import ForbiddenError as ForbiddenError
    from pigeonhole_client.errors import ImageError as ImageError
    from pigeonhole_client.errors import InternalError as InternalError
    from pigeonhole_client.errors import InvalidError as InvalidError
    from pigeonhole_client.errors import NotFoundError as NotFoundError
    from pigeonhole_client.errors import NotTrainedError as NotTrainedError
    from pigeonhole_client.errors import PigeonholeError as PigeonholeError
    from pigeonhole_client.errors import RequestError as RequestError
    from pigeonhole_client.errors import TrainingError as TrainingError
    from pigeonhole_client.errors import TryAgainError as TryAgainError
    from pigeonhole_client.errors import UnauthenticatedError as UnauthenticatedError
    from pigeonhole_client.errors import UnexpectedAnswerError as UnexpectedAnswerError
    from pigeonhole_client.errors import UnreachableError as UnreachableError
    from pigeonhole_client.errors import UnusableFileError as UnusableFileError
    from pigeonhole_client.files.found import FileKind as FileKind
    from pigeonhole_client.functions import AsyncFunction as AsyncFunction
    from pigeonhole_client.models import Estimate as Estimate
    from pigeonhole_client.models import Prediction as Prediction
    from pigeonhole_client.report import OnConflict as OnConflict
    from pigeonhole_client.report import Outcome as Outcome
    from pigeonhole_client.report import Report as Report

_MODULES = {
    "acceptance": ("Acceptable", "Acceptance"),
    "api.enums": ("ApiKeyScope", "Decision"),
    "blocking": ("Function", "Pigeonhole"),
    "client": ("AsyncPigeonhole",),
    "errors": (
        "ApiError",
        "ConflictError",
        "ForbiddenError",
        "ImageError",
        "InternalError",
        "InvalidError",
        "NotFoundError",
        "NotTrainedError",
        "PigeonholeError",
        "RequestError",
        "TrainingError",
        "TryAgainError",
        "UnauthenticatedError",
        "UnexpectedAnswerError",
        "UnreachableError",
        "UnusableFileError",
    ),
    "files.found": ("FileKind",),
    "functions": ("AsyncFunction",),
    "models": ("Estimate", "Prediction"),
    "report": ("OnConflict", "Outcome", "Report"),
}
"""Where each name is defined: loaded when it is used, so that commands start fast."""


def __getattr__(name: str) -> object:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(name for names in _MODULES.values() for name in names)
