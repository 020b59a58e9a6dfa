"""Mutations of labels."""

from typing import Any

import strawberry

from pigeonhole import labels
from server import ids
from server.api.context import Info
from server.api.mutations.payload import Payload, answering, recorder
from server.api.scalars import JSON
from server.api.types.label import Label
from server.auth.permissions import ANYONE, WRITE
from server.auth.visibility import find
from server.transport.costs import Cost


@strawberry.input(description="Label to create.")
class CreateLabelInput:
    function_id: strawberry.ID = strawberry.field(
        description="ID of the function that the label belongs to."
    )
    name: str = strawberry.field(
        description="Name of the label, at most 100 characters. Names of a function's labels must "
        "not be equal or look alike, without regard to case. Invisible characters are removed."
    )
    description: str | None = strawberry.field(
        default=None, description="What images of the label look like, at most 2,000 characters."
    )
    metadata: JSON | None = strawberry.field(
        default=None, description="Any JSON value, returned with each prediction."
    )


@strawberry.input(
    description="Changes to a label. Omitted fields stay as they are; "
    "null is accepted only where a description says so."
)
class UpdateLabelInput:
    id: strawberry.ID = strawberry.field(description="ID of the label to change.")
    name: strawberry.Maybe[str] = strawberry.field(
        description="New name, at most 100 characters, which no other label of the function has or "
        "looks like."
    )
    description: strawberry.Maybe[str | None] = strawberry.field(
        description="What images of the label look like, at most 2,000 characters; null removes it."
    )
    metadata: strawberry.Maybe[JSON | None] = strawberry.field(
        description="Any JSON value, returned with each prediction; null removes it."
    )

    def changes(self) -> dict[str, Any]:
        """Return the columns to change and their new values."""
        given: dict[str, strawberry.Some[Any] | None] = {
            "name": self.name,
            "description": self.description,
            "metadata": self.metadata,
        }
        return {column: some.value for column, some in given.items() if some is not None}


@strawberry.input(description="Label to delete.")
class DeleteLabelInput:
    id: strawberry.ID = strawberry.field(description="ID of the label to delete.")
    move_to_label_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="ID of another label of the function that takes over the annotations. "
        "Default: the annotations are deleted.",
    )


@strawberry.type(description="Result of `createLabel`.", directives=ANYONE)
class CreateLabelPayload(Payload):
    label: Label | None = strawberry.field(
        default=None, description="The new label; null if there are errors."
    )


@strawberry.type(description="Result of `updateLabel`.", directives=ANYONE)
class UpdateLabelPayload(Payload):
    label: Label | None = strawberry.field(
        default=None, description="The changed label; null if there are errors."
    )


@strawberry.type(description="Result of `deleteLabel`.", directives=ANYONE)
class DeleteLabelPayload(Payload):
    deleted_label_id: strawberry.ID | None = strawberry.field(
        default=None, description="ID of the deleted label; null if there are errors."
    )


@strawberry.type
class LabelMutations:
    @strawberry.mutation(description="Creates a label.", directives=(*WRITE, Cost(points=200)))
    @answering(CreateLabelPayload)
    async def create_label(self, info: Info, input: CreateLabelInput) -> CreateLabelPayload:
        row = await labels.create(
            info.context.services,
            await find(
                info.context.viewer, ids.Kind.FUNCTION, input.function_id, ("input", "functionId")
            ),
            name=input.name,
            description=input.description,
            metadata=input.metadata,
            record=recorder(info, input),
        )
        return CreateLabelPayload(label=Label.of(row))

    @strawberry.mutation(description="Changes a label.", directives=(*WRITE, Cost(points=200)))
    @answering(UpdateLabelPayload)
    async def update_label(self, info: Info, input: UpdateLabelInput) -> UpdateLabelPayload:
        id = await find(info.context.viewer, ids.Kind.LABEL, input.id, ("input", "id"))
        row = await labels.update(
            info.context.services, id, input.changes(), record=recorder(info, input)
        )
        return UpdateLabelPayload(label=Label.of(row))

    @strawberry.mutation(
        description="Deletes a label. Its annotations are deleted, or moved to another label, "
        "which merges the two. Its samples stay.",
        directives=(*WRITE, Cost(points=250)),
    )
    @answering(DeleteLabelPayload)
    async def delete_label(self, info: Info, input: DeleteLabelInput) -> DeleteLabelPayload:
        id = await find(info.context.viewer, ids.Kind.LABEL, input.id, ("input", "id"))
        move_to = None
        if input.move_to_label_id is not None:
            move_to = await find(
                info.context.viewer,
                ids.Kind.LABEL,
                input.move_to_label_id,
                ("input", "moveToLabelId"),
            )
        await labels.delete(
            info.context.services, id, move_to=move_to, record=recorder(info, input)
        )
        return DeleteLabelPayload(deleted_label_id=input.id)
