"""Deletions, which also work on a full disk by using the reserve of the data folder."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from pigeonhole.errors import InsufficientStorageError
from pigeonhole.services.refusals import refusal_of
from pigeonhole.services.services import Services

TRIES = 3
"""The most attempts with the reserve, which another process may restore during one."""

P = ParamSpec("P")
T = TypeVar("T")


async def carry_out(services: Services, delete: Callable[[], Awaitable[T]]) -> T:
    """Run a deletion; if the disk is full, run it again with the space of the reserve.

    Args:
        services: The open services.
        delete: A function that changes nothing if it fails, or that may be repeated.
    """
    reserve = services.reserve
    try:
        return await delete()
    except Exception as error:
        if not _is_full(error):
            raise
    async with reserve.one_at_a_time:
        try:
            for _ in range(TRIES - 1):
                await asyncio.to_thread(reserve.release)
                try:
                    return await delete()
                except Exception as error:
                    if not _is_full(error):
                        raise
            await asyncio.to_thread(reserve.release)
            return await delete()
        finally:
            await asyncio.to_thread(reserve.restore)


def deletes(
    verb: Callable[Concatenate[Services, P], Awaitable[T]],
) -> Callable[Concatenate[Services, P], Coroutine[Any, Any, T]]:
    """Decorate a function that deletes, so that it works on a full disk."""

    @wraps(verb)
    async def delete(services: Services, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await carry_out(services, lambda: verb(services, *args, **kwargs))

    return delete


def _is_full(error: Exception) -> bool:
    return isinstance(refusal_of(error), InsufficientStorageError)
