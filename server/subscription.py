"""Subscriptions: the state as it is, and again whenever it has changed."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from pigeonhole import events, functions, models
from server import ids
from server.access import find
from server.context import Info
from server.permissions import READ
from server.types.function import Function
from server.types.shared import maybe
from server.types.training import TrainingRun

NEVER = object()
"""Unlike anything that is sent: so the first state always is."""


@strawberry.type(
    description="A subscription answers at once with the state as it is, and again whenever it "
    "has changed. What a slow client did not take in time is skipped, never queued: what arrives "
    "is the newest state. So a client that comes back has missed nothing."
)
class Subscription:
    @strawberry.subscription(
        description="The newest training run of a function as it goes: stage, progress and "
        "accuracy; null until there is one.",
        directives=READ,
    )
    async def training_progress(
        self,
        info: Info,
        function_id: Annotated[strawberry.ID, strawberry.argument(description="The function.")],
    ) -> AsyncGenerator[TrainingRun | None, None]:
        id = await find(info.context.viewer, ids.Kind.FUNCTION, function_id, ("functionId",))
        sent: object = NEVER
        async with events.changes(info.context.services.broadcast, id) as changes:
            async for _ in changes:
                await functions.get(id, ("functionId",))
                run = await models.TrainingRun.filter(function_id=id).order_by("-id").first()
                state = run and (run.id, run.state, run.stage, run.progress, run.model_id)
                if state != sent:
                    sent = state
                    yield maybe(TrainingRun.of, run)

    @strawberry.subscription(
        description="A function: its settings, counts, labels, metrics and model.", directives=READ
    )
    async def function_changed(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which one.")],
    ) -> AsyncGenerator[Function, None]:
        function_id = await find(info.context.viewer, ids.Kind.FUNCTION, id, ("id",))
        async with events.changes(info.context.services.broadcast, function_id) as changes:
            async for _ in changes:
                yield Function.of(await functions.get(function_id, ("id",)))
