"""Mutations of the encoder that a function uses."""

from uuid import UUID

import strawberry

from pigeonhole.training import encoder_changes
from server import ids
from server.api.context import Info
from server.api.mutations.payload import Payload, answering, recorder
from server.api.types.encoder import EncoderChange
from server.auth.permissions import ANYONE, WRITE
from server.auth.visibility import find
from server.transport.costs import Cost


@strawberry.input(description="Function to change, and its new encoder.")
class ChangeEncoderInput:
    function_id: strawberry.ID = strawberry.field(description="ID of the function to change.")
    encoder: str = strawberry.field(
        description="Name of the new encoder, one of `encoders` whose `isHere` is true."
    )
    switches_by_itself: bool = strawberry.field(
        default=True,
        description="Whether to switch as soon as the new model is there, unless it is worse. If "
        "false, `switchEncoder` does. Default: true.",
    )


@strawberry.input(description="Function whose change of encoder is to be stopped.")
class StopEncoderChangeInput:
    function_id: strawberry.ID = strawberry.field(description="ID of the function.")


@strawberry.input(description="Function to switch to the encoder that it is being changed to.")
class SwitchEncoderInput:
    function_id: strawberry.ID = strawberry.field(description="ID of the function.")


@strawberry.input(description="Function to return to its encoder before the last change.")
class GoBackToEncoderInput:
    function_id: strawberry.ID = strawberry.field(description="ID of the function.")


@strawberry.type(description="Result of `changeEncoder`.", directives=ANYONE)
class ChangeEncoderPayload(Payload):
    encoder_change: EncoderChange | None = strawberry.field(
        default=None, description="The change of encoder; null if there are errors."
    )


@strawberry.type(description="Result of `stopEncoderChange`.", directives=ANYONE)
class StopEncoderChangePayload(Payload):
    encoder_change: EncoderChange | None = strawberry.field(
        default=None, description="The change of encoder; null if there are errors."
    )


@strawberry.type(description="Result of `switchEncoder`.", directives=ANYONE)
class SwitchEncoderPayload(Payload):
    encoder_change: EncoderChange | None = strawberry.field(
        default=None, description="The change of encoder; null if there are errors."
    )


@strawberry.type(description="Result of `goBackToEncoder`.", directives=ANYONE)
class GoBackToEncoderPayload(Payload):
    encoder_change: EncoderChange | None = strawberry.field(
        default=None, description="The change of encoder; null if there are errors."
    )


async def _function(info: Info, id: strawberry.ID) -> UUID:
    return await find(info.context.viewer, ids.Kind.FUNCTION, id, ("input", "functionId"))


@strawberry.type
class EncoderMutations:
    @strawberry.mutation(
        description="Begins to change the encoder of a function. Workers embed its images with the "
        "new one when they have nothing else to do, then train a model and compare it. The old "
        "one is used until the switch.",
        directives=(*WRITE, Cost(points=100)),
    )
    @answering(ChangeEncoderPayload)
    async def change_encoder(self, info: Info, input: ChangeEncoderInput) -> ChangeEncoderPayload:
        row = await encoder_changes.start(
            info.context.services,
            await _function(info, input.function_id),
            input.encoder,
            switches_by_itself=input.switches_by_itself,
            record=recorder(info, input),
        )
        return ChangeEncoderPayload(encoder_change=EncoderChange.of(row))

    @strawberry.mutation(
        description="Stops a change of encoder that has not been switched. The function keeps its "
        "encoder.",
        directives=(*WRITE, Cost(points=60)),
    )
    @answering(StopEncoderChangePayload)
    async def stop_encoder_change(
        self, info: Info, input: StopEncoderChangeInput
    ) -> StopEncoderChangePayload:
        row = await encoder_changes.stop(
            info.context.services,
            await _function(info, input.function_id),
            record=recorder(info, input),
        )
        return StopEncoderChangePayload(encoder_change=EncoderChange.of(row))

    @strawberry.mutation(
        description="Switches a function to the encoder that it is being changed to, once the "
        "change is WAITING, even if the new model is worse.",
        directives=(*WRITE, Cost(points=100)),
    )
    @answering(SwitchEncoderPayload)
    async def switch_encoder(self, info: Info, input: SwitchEncoderInput) -> SwitchEncoderPayload:
        row = await encoder_changes.switch(
            info.context.services,
            await _function(info, input.function_id),
            record=recorder(info, input),
        )
        return SwitchEncoderPayload(encoder_change=EncoderChange.of(row))

    @strawberry.mutation(
        description="Returns a function to the encoder and the model that it had before its last "
        "change, within 7 days of the switch.",
        directives=(*WRITE, Cost(points=100)),
    )
    @answering(GoBackToEncoderPayload)
    async def go_back_to_encoder(
        self, info: Info, input: GoBackToEncoderInput
    ) -> GoBackToEncoderPayload:
        row = await encoder_changes.go_back(
            info.context.services,
            await _function(info, input.function_id),
            record=recorder(info, input),
        )
        return GoBackToEncoderPayload(encoder_change=EncoderChange.of(row))
