"""Subscriptions, which send the current state and each later one."""

from collections.abc import AsyncGenerator
from typing import Annotated
from uuid import UUID

import strawberry

from pigeonhole import functions, tables
from pigeonhole.services import events
from pigeonhole.services.refusals import patiently
from server import ids
from server.api.context import Info
from server.api.types.function import Function
from server.api.types.shared import maybe
from server.api.types.training import TrainingRun
from server.auth.permissions import READ
from server.auth.visibility import find
from server.transport.costs import Cost

NEVER = object()
"""A value that differs from all states, so that the first state is always sent."""


@strawberry.type(
    description="Follows the state of an object. Each subscription sends the current state at "
    "once, and again whenever it has changed. A slow client skips intermediate states, so the "
    "state that it receives is always the newest, also after reconnecting. A temporary outage of "
    "the database does not end a subscription."
)
class Subscription:
    @strawberry.subscription(
        description="Follows the newest training run of a function: stage, progress and "
        "accuracy; null until there is a run.",
        directives=(*READ, Cost(points=20)),
    )
    async def training_progress(
        self,
        info: Info,
        function_id: Annotated[
            strawberry.ID, strawberry.argument(description="ID of the function.")
        ],
    ) -> AsyncGenerator[TrainingRun | None, None]:
        id = await _found(info, function_id, ("functionId",))
        sent: object = NEVER
        async with events.changes(info.context.services.broadcast, id) as changes:
            async for _ in changes:
                run = await patiently(lambda: _newest_run(id))
                state = run and (run.id, run.state, run.stage, run.progress, run.model_id)
                if state != sent:
                    sent = state
                    yield maybe(TrainingRun.of, run)

    @strawberry.subscription(
        description="Follows a function: its settings, counts, labels, metrics and model.",
        directives=(*READ, Cost(points=20)),
    )
    async def function_changed(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="ID of the function.")],
    ) -> AsyncGenerator[Function, None]:
        function_id = await _found(info, id, ("id",))
        async with events.changes(info.context.services.broadcast, function_id) as changes:
            async for _ in changes:
                yield Function.of(await patiently(lambda: functions.get(function_id, ("id",))))


async def _found(info: Info, id: str, path: tuple[str, ...]) -> UUID:
    return await patiently(lambda: find(info.context.viewer, ids.Kind.FUNCTION, id, path))


async def _newest_run(function_id: UUID) -> tables.TrainingRun | None:
    await functions.get(function_id, ("functionId",))
    return await tables.TrainingRun.filter(function_id=function_id).order_by("-replaces").first()
