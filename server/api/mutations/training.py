"""Mutations of training runs and models."""

import strawberry

from pigeonhole.training import activation, runs
from server import ids
from server.api.context import Info
from server.api.mutations.payload import Payload, answering, recorder
from server.api.types.model import Model
from server.api.types.training import TrainingRun
from server.auth.permissions import ANYONE, WRITE
from server.auth.visibility import find
from server.transport.costs import Cost


@strawberry.input(description="Function to train.")
class StartTrainingInput:
    function_id: strawberry.ID = strawberry.field(description="ID of the function to train.")


@strawberry.input(description="Training run to cancel.")
class CancelTrainingInput:
    id: strawberry.ID = strawberry.field(description="ID of the training run to cancel.")


@strawberry.input(description="Model to activate.")
class ActivateModelInput:
    id: strawberry.ID = strawberry.field(description="ID of the model to activate.")


@strawberry.type(description="Result of `startTraining`.", directives=ANYONE)
class StartTrainingPayload(Payload):
    training_run: TrainingRun | None = strawberry.field(
        default=None, description="The queued or running training run; null if there are errors."
    )


@strawberry.type(description="Result of `cancelTraining`.", directives=ANYONE)
class CancelTrainingPayload(Payload):
    training_run: TrainingRun | None = strawberry.field(
        default=None, description="The canceled training run; null if there are errors."
    )


@strawberry.type(description="Result of `activateModel`.", directives=ANYONE)
class ActivateModelPayload(Payload):
    model: Model | None = strawberry.field(
        default=None, description="The model that is now active; null if there are errors."
    )


@strawberry.type
class TrainingMutations:
    @strawberry.mutation(
        description="Starts a training run, or returns the one that is already queued or running.",
        directives=(*WRITE, Cost(points=170)),
    )
    @answering(StartTrainingPayload)
    async def start_training(self, info: Info, input: StartTrainingInput) -> StartTrainingPayload:
        id = await find(
            info.context.viewer, ids.Kind.FUNCTION, input.function_id, ("input", "functionId")
        )
        row = await runs.start(info.context.services, id, record=recorder(info, input))
        return StartTrainingPayload(training_run=TrainingRun.of(row))

    @strawberry.mutation(
        description="Cancels a training run. The next one starts after annotations change again.",
        directives=(*WRITE, Cost(points=170)),
    )
    @answering(CancelTrainingPayload)
    async def cancel_training(
        self, info: Info, input: CancelTrainingInput
    ) -> CancelTrainingPayload:
        id = await find(info.context.viewer, ids.Kind.TRAINING_RUN, input.id, ("input", "id"))
        row = await runs.cancel(info.context.services, id, record=recorder(info, input))
        return CancelTrainingPayload(training_run=TrainingRun.of(row))

    @strawberry.mutation(
        description="Makes a model the one that `invoke` uses, until a later training run "
        "replaces it. Earlier versions can be activated again.",
        directives=(*WRITE, Cost(points=200)),
    )
    @answering(ActivateModelPayload)
    async def activate_model(self, info: Info, input: ActivateModelInput) -> ActivateModelPayload:
        id = await find(info.context.viewer, ids.Kind.MODEL, input.id, ("input", "id"))
        row = await activation.activate(info.context.services, id, record=recorder(info, input))
        return ActivateModelPayload(model=Model.of(row))
