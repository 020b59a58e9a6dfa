"""Mutations of functions."""

from typing import Any

import strawberry

from pigeonhole import functions
from pigeonhole.models import FunctionVisibility
from server import ids
from server.access import find, refuse_restricted
from server.context import Info
from server.mutations.payload import Payload, answering
from server.permissions import ANYONE, WRITE
from server.types.function import Function, InputType, OutputType


@strawberry.input(description="A new function.")
class CreateFunctionInput:
    name: str = strawberry.field(description="Unique in its project, without regard to case.")
    description: str | None = strawberry.field(default=None, description="Free text.")
    visibility: FunctionVisibility = strawberry.field(
        default=FunctionVisibility.PRIVATE, description="Who may invoke it."
    )
    input_type: InputType = strawberry.field(default=InputType.IMAGE, description="What it takes.")
    output_type: OutputType = strawberry.field(
        default=OutputType.CLASSIFICATION, description="What it answers."
    )
    auto_train: bool = strawberry.field(
        default=True, description="Whether training starts by itself after annotations change."
    )
    labels: list[str] = strawberry.field(
        default_factory=list, description="Names of labels to start with."
    )


@strawberry.input(description="What is left out stays as it is.")
class CaptureSettingsInput:
    enabled: strawberry.Maybe[bool] = strawberry.field(description="Whether images are kept.")
    below: strawberry.Maybe[float] = strawberry.field(
        description="Keep only answers whose confidence is below this."
    )
    daily_limit: strawberry.Maybe[int] = strawberry.field(
        description="Keep at most this many a day (UTC)."
    )


@strawberry.input(description="What is left out stays as it is.")
class UpdateFunctionInput:
    id: strawberry.ID = strawberry.field(description="Which one.")
    name: strawberry.Maybe[str] = strawberry.field(description="Its new name.")
    description: strawberry.Maybe[str | None] = strawberry.field(
        description="Free text; null takes it away."
    )
    visibility: strawberry.Maybe[FunctionVisibility] = strawberry.field(
        description="Who may invoke it."
    )
    auto_train: strawberry.Maybe[bool] = strawberry.field(
        description="Whether training starts by itself after annotations change."
    )
    max_error_rate: strawberry.Maybe[float] = strawberry.field(
        description="Share of wrong answers that is acceptable, from 0 to 1."
    )
    capture: strawberry.Maybe[CaptureSettingsInput] = strawberry.field(
        description="When invoked images are kept."
    )

    def changes(self) -> dict[str, Any]:
        """Columns and their new values."""
        given: dict[str, strawberry.Some[Any] | None] = {
            "name": self.name,
            "description": self.description,
            "visibility": self.visibility,
            "auto_train": self.auto_train,
            "max_error_rate": self.max_error_rate,
        }
        if self.capture is not None:
            capture = self.capture.value
            given["capture_enabled"] = capture.enabled
            given["capture_below"] = capture.below
            given["capture_daily_limit"] = capture.daily_limit
        return {column: some.value for column, some in given.items() if some is not None}


@strawberry.input(description="Which function to delete.")
class DeleteFunctionInput:
    id: strawberry.ID = strawberry.field(description="Which one.")


@strawberry.type(description="Answer of `createFunction`.", directives=ANYONE)
class CreateFunctionPayload(Payload):
    function: Function | None = strawberry.field(default=None, description="The new function.")


@strawberry.type(description="Answer of `updateFunction`.", directives=ANYONE)
class UpdateFunctionPayload(Payload):
    function: Function | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="Answer of `deleteFunction`.", directives=ANYONE)
class DeleteFunctionPayload(Payload):
    deleted_function_id: strawberry.ID | None = strawberry.field(
        default=None, description="Which one is gone."
    )


@strawberry.type
class FunctionMutations:
    @strawberry.mutation(description="Makes a function, with labels or without.", directives=WRITE)
    @answering(CreateFunctionPayload)
    async def create_function(
        self, info: Info, input: CreateFunctionInput
    ) -> CreateFunctionPayload:
        refuse_restricted(info.context.viewer)
        row = await functions.create(
            info.context.services,
            name=input.name,
            description=input.description,
            visibility=input.visibility,
            auto_train=input.auto_train,
            labels=input.labels,
        )
        return CreateFunctionPayload(function=Function.of(row))

    @strawberry.mutation(description="Changes a function's settings.", directives=WRITE)
    @answering(UpdateFunctionPayload)
    async def update_function(
        self, info: Info, input: UpdateFunctionInput
    ) -> UpdateFunctionPayload:
        id = await find(info.context.viewer, ids.Kind.FUNCTION, input.id, ("input", "id"))
        row = await functions.update(info.context.services, id, input.changes())
        return UpdateFunctionPayload(function=Function.of(row))

    @strawberry.mutation(
        description="Deletes a function with its labels, samples, annotations, training runs, "
        "models and invocations. Pictures that no other function has are deleted within hours.",
        directives=WRITE,
    )
    @answering(DeleteFunctionPayload)
    async def delete_function(
        self, info: Info, input: DeleteFunctionInput
    ) -> DeleteFunctionPayload:
        id = await find(info.context.viewer, ids.Kind.FUNCTION, input.id, ("input", "id"))
        await functions.delete(info.context.services, id)
        return DeleteFunctionPayload(deleted_function_id=input.id)
