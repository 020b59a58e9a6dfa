"""Mutations of labels."""

from typing import Any

import strawberry

from pigeonhole import labels
from server import ids
from server.access import find
from server.context import Info
from server.mutations.payload import Payload, answering
from server.permissions import ANYONE, WRITE
from server.scalars import JSON
from server.types.label import Label


@strawberry.input(description="A new label.")
class CreateLabelInput:
    function_id: strawberry.ID = strawberry.field(description="Whose answer it is.")
    name: str = strawberry.field(description="Unique in its function, without regard to case.")
    description: str | None = strawberry.field(
        default=None, description="What it looks like, in words."
    )
    metadata: JSON | None = strawberry.field(
        default=None, description="The caller's own data, given back with each prediction."
    )


@strawberry.input(description="What is left out stays as it is.")
class UpdateLabelInput:
    id: strawberry.ID = strawberry.field(description="Which one.")
    name: strawberry.Maybe[str] = strawberry.field(description="Its new name.")
    description: strawberry.Maybe[str | None] = strawberry.field(
        description="What it looks like, in words; null takes it away."
    )
    metadata: strawberry.Maybe[JSON | None] = strawberry.field(
        description="The caller's own data; null takes it away."
    )

    def changes(self) -> dict[str, Any]:
        """Columns and their new values."""
        given: dict[str, strawberry.Some[Any] | None] = {
            "name": self.name,
            "description": self.description,
            "metadata": self.metadata,
        }
        return {column: some.value for column, some in given.items() if some is not None}


@strawberry.input(description="Which label to delete.")
class DeleteLabelInput:
    id: strawberry.ID = strawberry.field(description="Which one.")
    move_to_label_id: strawberry.ID | None = strawberry.field(
        default=None, description="Annotations move here; without it they are removed."
    )


@strawberry.type(description="Answer of `createLabel`.", directives=ANYONE)
class CreateLabelPayload(Payload):
    label: Label | None = strawberry.field(default=None, description="The new label.")


@strawberry.type(description="Answer of `updateLabel`.", directives=ANYONE)
class UpdateLabelPayload(Payload):
    label: Label | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="Answer of `deleteLabel`.", directives=ANYONE)
class DeleteLabelPayload(Payload):
    deleted_label_id: strawberry.ID | None = strawberry.field(
        default=None, description="Which one is gone."
    )


@strawberry.type
class LabelMutations:
    @strawberry.mutation(description="Gives a function one more answer.", directives=WRITE)
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
        )
        return CreateLabelPayload(label=Label.of(row))

    @strawberry.mutation(description="Changes a label.", directives=WRITE)
    @answering(UpdateLabelPayload)
    async def update_label(self, info: Info, input: UpdateLabelInput) -> UpdateLabelPayload:
        id = await find(info.context.viewer, ids.Kind.LABEL, input.id, ("input", "id"))
        row = await labels.update(info.context.services, id, input.changes())
        return UpdateLabelPayload(label=Label.of(row))

    @strawberry.mutation(
        description="Deletes a label. Its annotations go too, or move to another label (which "
        "merges the two); its samples stay.",
        directives=WRITE,
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
        await labels.delete(info.context.services, id, move_to=move_to)
        return DeleteLabelPayload(deleted_label_id=input.id)
