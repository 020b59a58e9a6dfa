"""How mutations answer, and what of them the audit log keeps."""

import functools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any, ParamSpec, TypeVar

import strawberry

from pigeonhole import audit
from pigeonhole.errors import OverloadedError, PigeonholeError, RateLimitedError
from server import ids
from server.context import Info
from server.permissions import ANYONE
from server.types.shared import ErrorCode, Node, UserError

P = ParamSpec("P")
R = TypeVar("R", bound="Payload")

TRY_AGAIN = {OverloadedError.code, RateLimitedError.code}
"""Data where they befall one entry of many, else top-level errors with a time to wait."""


@strawberry.type(directives=ANYONE)
class Payload:
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What the caller can put right; empty on success."
    )


def answering(
    payload: type[R], *, changes: bool = True
) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Answer errors that the caller can put right as data; others stay top-level errors.

    What succeeded is written to the audit log, unless it ``changes`` nothing.
    """

    def wrap(resolver: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @functools.wraps(resolver)
        async def answer(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                answered = await resolver(*args, **kwargs)
            except PigeonholeError as error:
                if error.code not in ErrorCode.__members__ or error.code in TRY_AGAIN:
                    raise
                return payload(errors=[UserError.of(error)])
            if changes:
                info: Any = kwargs["info"]
                await _record(info, kwargs["input"], answered)
            return answered

        return answer

    return wrap


async def _record(info: Info, input: object, answered: Payload) -> None:
    named = dict.fromkeys([*_ids(input), *_ids(answered)])
    await audit.record(info.context.viewer, info.field_name, list(named))


def _ids(value: object) -> Iterator[str]:
    """The ids in an input or a payload; of an object in it, its own."""
    if isinstance(value, Node):
        yield value.id
    elif isinstance(value, str):
        if ids.parse(value) is not None:
            yield value
    elif isinstance(value, strawberry.Some):
        yield from _ids(value.value)
    elif isinstance(value, list):
        for item in value:
            yield from _ids(item)
    elif is_dataclass(value):
        for one in fields(value):
            yield from _ids(getattr(value, one.name))
