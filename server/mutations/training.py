"""Mutations of training runs and models."""

import strawberry

from pigeonhole import runs, training
from server import ids
from server.access import find
from server.context import Info
from server.mutations.payload import Payload, answering
from server.permissions import ANYONE, WRITE
from server.types.model import Model
from server.types.training import TrainingRun


@strawberry.input(description="What to train.")
class StartTrainingInput:
    function_id: strawberry.ID = strawberry.field(description="The function.")


@strawberry.input(description="Which run to stop.")
class CancelTrainingInput:
    id: strawberry.ID = strawberry.field(description="The run.")


@strawberry.input(description="Which model shall answer.")
class ActivateModelInput:
    id: strawberry.ID = strawberry.field(description="The model.")


@strawberry.type(description="Answer of `startTraining`.", directives=ANYONE)
class StartTrainingPayload(Payload):
    training_run: TrainingRun | None = strawberry.field(
        default=None, description="The run, queued or under way."
    )


@strawberry.type(description="Answer of `cancelTraining`.", directives=ANYONE)
class CancelTrainingPayload(Payload):
    training_run: TrainingRun | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="Answer of `activateModel`.", directives=ANYONE)
class ActivateModelPayload(Payload):
    model: Model | None = strawberry.field(default=None, description="The model that answers now.")


@strawberry.type
class TrainingMutations:
    @strawberry.mutation(
        description="Starts a run, or gives back the one already queued or under way.",
        directives=WRITE,
    )
    @answering(StartTrainingPayload)
    async def start_training(self, info: Info, input: StartTrainingInput) -> StartTrainingPayload:
        id = await find(
            info.context.viewer, ids.Kind.FUNCTION, input.function_id, ("input", "functionId")
        )
        row = await runs.start(info.context.services, id)
        return StartTrainingPayload(training_run=TrainingRun.of(row))

    @strawberry.mutation(
        description="Stops a run; the next one starts when annotations change again.",
        directives=WRITE,
    )
    @answering(CancelTrainingPayload)
    async def cancel_training(
        self, info: Info, input: CancelTrainingInput
    ) -> CancelTrainingPayload:
        id = await find(info.context.viewer, ids.Kind.TRAINING_RUN, input.id, ("input", "id"))
        row = await runs.cancel(info.context.services, id)
        return CancelTrainingPayload(training_run=TrainingRun.of(row))

    @strawberry.mutation(
        description="Makes `invoke` use this model, an earlier one too, until a later run "
        "replaces it.",
        directives=WRITE,
    )
    @answering(ActivateModelPayload)
    async def activate_model(self, info: Info, input: ActivateModelInput) -> ActivateModelPayload:
        id = await find(info.context.viewer, ids.Kind.MODEL, input.id, ("input", "id"))
        row = await training.activate(info.context.services, id)
        return ActivateModelPayload(model=Model.of(row))
