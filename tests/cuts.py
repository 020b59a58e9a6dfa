"""Cancel a coroutine at its n-th wait, for every n."""

import asyncio
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass
class Steps:
    """How often a coroutine has waited."""

    taken: int = 0


@types.coroutine
def stepwise(
    work: Coroutine[Any, Any, T], steps: Steps, at_step: Callable[[int], None]
) -> Generator[Any, Any, T]:
    """Run a coroutine; call ``at_step`` with the number of each wait, just before it."""
    received: Any = None
    failure: BaseException | None = None
    while True:
        try:
            waited_for = work.send(received) if failure is None else work.throw(failure)
        except StopIteration as ended:
            result: T = ended.value
            return result
        steps.taken += 1
        at_step(steps.taken)
        received, failure = None, None
        try:
            received = yield waited_for
        except BaseException as error:  # noqa: BLE001 - handed to the work, which decides
            failure = error


async def cut(work: Coroutine[Any, Any, object], step: int) -> bool:
    """Run a coroutine in a task, cancelled at its ``step``-th wait; return whether it was."""
    was_cut = False

    def at_step(number: int) -> None:
        nonlocal was_cut
        if number == step:
            was_cut = True
            task.cancel()

    async def run() -> object:
        stepping: Awaitable[object] = stepwise(work, Steps(), at_step)
        return await stepping

    task = asyncio.create_task(run())
    with suppress(asyncio.CancelledError):
        await task
    return was_cut
