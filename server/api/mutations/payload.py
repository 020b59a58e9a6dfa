"""Payloads of mutations, their errors, and their entries in the audit log."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import ParamSpec, TypeVar

import strawberry
from tortoise.models import Model

from pigeonhole.access import audit
from pigeonhole.errors import (
    ForbiddenError,
    InsufficientStorageError,
    OverloadedError,
    PigeonholeError,
    RateLimitedError,
    UnauthenticatedError,
    UnavailableError,
)
from server import ids
from server.api.context import Info
from server.api.types.shared import UserError
from server.auth.permissions import ANYONE

P = ParamSpec("P")
R = TypeVar("R", bound="Payload")

TOP_LEVEL = {
    error.code
    for error in (
        UnauthenticatedError,
        ForbiddenError,
        OverloadedError,
        RateLimitedError,
        UnavailableError,
        InsufficientStorageError,
    )
}
"""Errors of the caller or the server, not of the input. For one entry of many they are data."""


@strawberry.type(directives=ANYONE)
class Payload:
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Errors that the caller can correct; empty on success."
    )


def answering(
    payload: type[R],
) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Return errors that the caller can correct as data; others stay top-level errors."""

    def wrap(resolver: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @functools.wraps(resolver)
        async def answer(*args: P.args, **kwargs: P.kwargs) -> R:
            await asyncio.sleep(0)  # the conversion of a large input has taken milliseconds
            try:
                return await resolver(*args, **kwargs)
            except PigeonholeError as error:
                if error.code in TOP_LEVEL:
                    raise
                return payload(errors=[UserError.of(error)])

        return answer

    return wrap


def recorder(info: Info, input: object) -> audit.Record:
    """Return a recorder of a mutation, with the IDs in its input and those of its rows."""

    async def record(rows: Sequence[Model]) -> None:
        viewer = info.context.viewer
        key_id = None if viewer.key is None else viewer.key.id
        named = dict.fromkeys([*_ids(input), *map(ids.of_row, rows)])
        await audit.write(viewer.actor, info.field_name, list(named), api_key_id=key_id)

    key = info.context.viewer.key
    return audit.Record(record, None if key is None else key.name)


def _ids(value: object) -> Iterator[str]:
    """Return the IDs in an input."""
    if isinstance(value, str):
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
