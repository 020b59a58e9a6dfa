"""How mutations answer."""

import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

import strawberry

from pigeonhole.errors import PigeonholeError
from server.types.shared import ErrorCode, UserError

P = ParamSpec("P")
R = TypeVar("R", bound="Payload")


@strawberry.type
class Payload:
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What the caller can put right; empty on success."
    )


def answering(
    payload: type[R],
) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Answer errors that the caller can put right as data; others stay top-level errors."""

    def wrap(resolver: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @functools.wraps(resolver)
        async def answer(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return await resolver(*args, **kwargs)
            except PigeonholeError as error:
                if error.code not in ErrorCode.__members__:
                    raise
                return payload(errors=[UserError.of(error)])

        return answer

    return wrap
