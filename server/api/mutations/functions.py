"""Mutations of functions."""

from typing import Any

import strawberry

from pigeonhole import functions
from pigeonhole.kinds import FunctionVisibility
from server import ids
from server.api.context import Info
from server.api.mutations.payload import Payload, answering, recorder
from server.api.types.function import Function
from server.api.types.function_parts import InputType, OutputType
from server.auth.permissions import ANYONE, WRITE
from server.auth.visibility import find, refuse_restricted
from server.transport.costs import Cost


@strawberry.input(description="Function to create.")
class CreateFunctionInput:
    name: str = strawberry.field(
        description="Name of the function, unique without regard to case, at most 100 characters."
    )
    description: str | None = strawberry.field(
        default=None, description="Free text, at most 2,000 characters."
    )
    visibility: FunctionVisibility = strawberry.field(
        default=FunctionVisibility.PRIVATE,
        description="Who may invoke the function. Default: only callers with a key.",
    )
    input_type: InputType = strawberry.field(
        default=InputType.IMAGE, description="Kind of input that the function takes."
    )
    output_type: OutputType = strawberry.field(
        default=OutputType.CLASSIFICATION, description="Kind of output that the function returns."
    )
    auto_train: bool = strawberry.field(
        default=True, description="Whether training starts automatically after annotations change."
    )
    labels: list[str] = strawberry.field(
        default_factory=list,
        description="Names of labels to create with the function, at most 1,000.",
    )


@strawberry.input(
    description="Changes to the capture settings of a function. Omitted fields stay as they are; "
    "null is accepted only where a description says so."
)
class CaptureSettingsInput:
    enabled: strawberry.Maybe[bool] = strawberry.field(
        description="Whether images of invocations are kept as samples."
    )
    below: strawberry.Maybe[float] = strawberry.field(
        description="Keep images whose prediction has a confidence below this, from 0 to 1."
    )
    strange: strawberry.Maybe[bool] = strawberry.field(
        description="Whether to keep images with the decision `NONE_OF_THESE`."
    )
    rare_below: strawberry.Maybe[int] = strawberry.field(
        description="Keep images whose predicted label has fewer annotated samples than this; 0 "
        "keeps none for this reason."
    )
    random_share: strawberry.Maybe[float] = strawberry.field(
        description="Share of all images to keep at random, from 0 to 1."
    )
    daily_limit: strawberry.Maybe[int] = strawberry.field(
        description="Maximum number of images kept per day (UTC)."
    )


@strawberry.input(
    description="Changes to a function. Omitted fields stay as they are; "
    "null is accepted only where a description says so."
)
class UpdateFunctionInput:
    id: strawberry.ID = strawberry.field(description="ID of the function to change.")
    name: strawberry.Maybe[str] = strawberry.field(
        description="New name, unique without regard to case, at most 100 characters."
    )
    description: strawberry.Maybe[str | None] = strawberry.field(
        description="Free text, at most 2,000 characters; null removes it."
    )
    visibility: strawberry.Maybe[FunctionVisibility] = strawberry.field(
        description="Who may invoke the function."
    )
    auto_train: strawberry.Maybe[bool] = strawberry.field(
        description="Whether training starts automatically after annotations change."
    )
    learns_from_unlabelled: strawberry.Maybe[bool] = strawberry.field(
        description="Whether training also learns from samples that nobody has annotated."
    )
    max_error_rate: strawberry.Maybe[float] = strawberry.field(
        description="Share of accepted predictions that may be wrong, from 0 to 1. "
        "`Prediction.decision` follows from it."
    )
    capture: strawberry.Maybe[CaptureSettingsInput] = strawberry.field(
        description="Which images of invocations are kept as samples."
    )

    def changes(self) -> dict[str, Any]:
        """Return the columns to change and their new values."""
        given: dict[str, strawberry.Some[Any] | None] = {
            "name": self.name,
            "description": self.description,
            "visibility": self.visibility,
            "auto_train": self.auto_train,
            "learns_from_unlabelled": self.learns_from_unlabelled,
            "max_error_rate": self.max_error_rate,
        }
        if self.capture is not None:
            capture = self.capture.value
            given["capture_enabled"] = capture.enabled
            given["capture_below"] = capture.below
            given["capture_strange"] = capture.strange
            given["capture_rare_below"] = capture.rare_below
            given["capture_random_share"] = capture.random_share
            given["capture_daily_limit"] = capture.daily_limit
        return {column: some.value for column, some in given.items() if some is not None}


@strawberry.input(description="Function to delete.")
class DeleteFunctionInput:
    id: strawberry.ID = strawberry.field(description="ID of the function to delete.")


@strawberry.type(description="Result of `createFunction`.", directives=ANYONE)
class CreateFunctionPayload(Payload):
    function: Function | None = strawberry.field(
        default=None, description="The new function; null if there are errors."
    )


@strawberry.type(description="Result of `updateFunction`.", directives=ANYONE)
class UpdateFunctionPayload(Payload):
    function: Function | None = strawberry.field(
        default=None, description="The changed function; null if there are errors."
    )


@strawberry.type(description="Result of `deleteFunction`.", directives=ANYONE)
class DeleteFunctionPayload(Payload):
    deleted_function_id: strawberry.ID | None = strawberry.field(
        default=None, description="ID of the deleted function; null if there are errors."
    )


@strawberry.type
class FunctionMutations:
    @strawberry.mutation(
        description="Creates a function, optionally with labels.",
        directives=(*WRITE, Cost(points=200, per_entry=2, entries="input.labels")),
    )
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
            record=recorder(info, input),
        )
        return CreateFunctionPayload(function=Function.of(row))

    @strawberry.mutation(
        description="Changes the settings of a function.", directives=(*WRITE, Cost(points=170))
    )
    @answering(UpdateFunctionPayload)
    async def update_function(
        self, info: Info, input: UpdateFunctionInput
    ) -> UpdateFunctionPayload:
        id = await find(info.context.viewer, ids.Kind.FUNCTION, input.id, ("input", "id"))
        row = await functions.update(
            info.context.services, id, input.changes(), record=recorder(info, input)
        )
        return UpdateFunctionPayload(function=Function.of(row))

    @strawberry.mutation(
        description="Deletes a function with its labels, samples, annotations, training runs, "
        "models, invocations and webhooks. Images that no other function uses are deleted within "
        "hours.",
        directives=(*WRITE, Cost(points=2_000)),
    )
    @answering(DeleteFunctionPayload)
    async def delete_function(
        self, info: Info, input: DeleteFunctionInput
    ) -> DeleteFunctionPayload:
        id = await find(info.context.viewer, ids.Kind.FUNCTION, input.id, ("input", "id"))
        await functions.delete(info.context.services, id, record=recorder(info, input))
        return DeleteFunctionPayload(deleted_function_id=input.id)
