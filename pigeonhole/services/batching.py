"""Batching of concurrent calls by backpressure."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from pigeonhole.errors import OverloadedError

In = TypeVar("In")
Out = TypeVar("Out")


class Batcher(Generic[In, Out]):
    """Batches concurrent calls: the calls queued while one batch runs form the next batch.

    There is no timer, so a lone call does not wait, and batches grow with the load. At least one
    task must run ``serve``; with several, as many batches run at the same time.
    """

    def __init__(
        self,
        run: Callable[[Sequence[In]], Sequence[Out]],
        *,
        largest: int,
        most_waiting: int,
    ) -> None:
        """Batch calls for ``run``, which is given 1 to ``largest`` items in a thread.

        ``most_waiting`` is how many items may queue before further ones are refused.
        """
        self._run, self._largest, self._most_waiting = run, largest, most_waiting
        self._waiting: asyncio.Queue[tuple[In, asyncio.Future[Out]]] = asyncio.Queue()
        self._servers = 0
        self._ended = False

    async def __call__(self, item: In) -> Out:
        """Return the result of one item, computed in a batch with other waiting items.

        Raises:
            OverloadedError: Too many items wait already, or ``serve`` has ended or ends before
                the item's turn.
        """
        if self._ended:
            raise _ended()
        if self._waiting.qsize() >= self._most_waiting:
            raise OverloadedError(
                f"{self._most_waiting} images are already waiting. Try again soon."
            )
        future: asyncio.Future[Out] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((item, future))
        return await future

    async def serve(self) -> None:
        """Run batches until cancelled; one failing batch fails only its own callers.

        When the last server ends, whatever still waits fails at once, and so does every later call.
        """
        self._servers += 1
        self._ended = False
        batch: list[tuple[In, asyncio.Future[Out]]] = []
        try:
            while True:
                batch = [await self._waiting.get()]
                while len(batch) < self._largest and not self._waiting.empty():
                    batch.append(self._waiting.get_nowait())
                batch = [(item, future) for item, future in batch if not future.cancelled()]
                if batch:
                    await self._answer(batch)
        finally:
            self._servers -= 1
            self._ended = not self._servers
            while self._ended and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            for _, future in batch:
                if not future.done():
                    future.set_exception(_ended())

    async def _answer(self, batch: Sequence[tuple[In, asyncio.Future[Out]]]) -> None:
        items, futures = zip(*batch, strict=True)
        try:
            results = await asyncio.to_thread(self._run, items)
            if len(results) != len(items):
                raise ValueError(f"{len(items)} items gave {len(results)} results")
        except Exception as error:  # noqa: BLE001 - passed to the callers
            for future in futures:
                if not future.done():
                    future.set_exception(error)
        else:
            for future, result in zip(futures, results, strict=True):
                if not future.done():
                    future.set_result(result)


def _ended() -> OverloadedError:
    return OverloadedError("The server is shutting down. Try again soon.")
