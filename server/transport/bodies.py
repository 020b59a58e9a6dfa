"""Request bodies that a process holds, counted by caller and paid for by their bytes."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pigeonhole.errors import RateLimitedError
from server.transport.body import JSON, Count, counted, media_type, too_long
from server.transport.context import OperationContext
from server.transport.limits import Limits
from server.transport.stopping import stopping_of


def _bug(error: asyncio.CancelledError) -> RuntimeError:
    bug = RuntimeError("Something that the request awaited was cancelled.")
    bug.__cause__ = error
    return bug


class Bodies:
    """The bytes of all bodies that a process holds, in memory or in temporary files."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held: Counter[str] = Counter()

    async def respond(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        most: int,
        answer: Callable[[Request], Awaitable[Response]],
        refuse: Callable[[Request, Exception], Response],
    ) -> None:
        """Answer a request whose body has at most ``most`` bytes, and release the body."""
        with self.arriving(scope) as count:
            stopping = stopping_of(scope)
            request = Request(scope, counted(receive, most, self._limits, stopping, count))
            try:
                try:
                    response = await answer(request)
                except ClientDisconnect:
                    return
                except Exception as error:  # noqa: BLE001 - reported in the route's format
                    response = refuse(request, error)
                except asyncio.CancelledError as error:
                    if (task := asyncio.current_task()) is None or task.cancelling():
                        raise
                    response = refuse(request, _bug(error))  # nobody cancelled this request
                await response(scope, receive, send)
            finally:
                await request.close()

    @contextmanager
    def arriving(self, scope: Scope) -> Iterator[Count]:
        """Count the bytes of one request's body, held until the block ends.

        The caller is known by the ``context`` in the state of the request. Bytes that arrive before
        it is set are counted with the first that arrive afterwards.
        """
        caller, found, held, paid = "", 0, 0, 0

        async def count(more: int) -> None:
            nonlocal caller, found, held, paid
            found += more
            context: OperationContext | None = scope.get("state", {}).get("context")
            if context is None:
                return
            if not context.is_known and media_type(scope) == JSON:
                most = self._limits.strangers_body_bytes
                if found > most:
                    raise too_long(most, found)
            caller = context.caller
            self._held[caller] += found - held
            held = found
            if self._held[caller] > self._limits.caller_body_bytes:
                most = self._limits.caller_body_bytes
                raise RateLimitedError(
                    f"Your requests in progress have more than {most} bytes together. Send fewer "
                    "at once.",
                    retry_after_s=1.0,
                )
            points = found // self._limits.bytes_a_point
            if points > paid:
                cost, paid = points - paid, points
                await context.pay(cost)

        try:
            yield count
        finally:
            self._held[caller] -= held
            if not self._held[caller]:
                del self._held[caller]
