"""Samples in the trash as clients see them."""

from datetime import datetime
from typing import Self

import strawberry

from pigeonhole import tables
from pigeonhole.samples import trash
from server import ids
from server.api.context import Info
from server.api.types.label import Label
from server.api.types.sample import Image
from server.api.types.shared import Node, maybe
from server.auth.permissions import READ
from server.transport.costs import Cost


@strawberry.type(
    description="A sample in the trash of its function. It is in no list, count or training until "
    "`restoreSamples` brings it back.",
    directives=READ,
)
class DeletedSample(Node):
    row: strawberry.Private[tables.DeletedSample]
    sample_id: strawberry.ID = strawberry.field(
        description="ID that the sample had, and has again when it is restored."
    )
    external_id: str | None = strawberry.field(
        description="Identifier of the caller's own that the sample had; null if none was given. "
        "Another sample may have it meanwhile."
    )
    file_name: str | None = strawberry.field(
        description="Name of the image's file; null if it came without one."
    )
    image: Image = strawberry.field(description="Image of the deleted sample.")
    created_at: datetime = strawberry.field(description="When the sample was added.")
    deleted_at: datetime = strawberry.field(description="When the sample was deleted.")

    @strawberry.field(
        description="Label that the sample was annotated with; null if it had none, or if the "
        "label was deleted since.",
        directives=(Cost(points=2),),
    )
    async def label(self, info: Info) -> Label | None:
        if self.row.label_id is None:
            return None
        return maybe(Label.of, await info.context.loaders.labels.load(self.row.label_id))

    @strawberry.field(
        description="When the sample is deleted for good, unless it is restored before: "
        "`PIGEONHOLE_KEPT_DELETED_DAYS` days (default: 30) after `deletedAt`."
    )
    def purged_at(self, info: Info) -> datetime:
        return trash.purged_at(self.row, info.context.services.settings.kept_deleted_days)

    @classmethod
    def of(cls, row: tables.DeletedSample) -> Self:
        return cls(
            row=row,
            id=ids.encode(ids.Kind.DELETED_SAMPLE, row.id),
            sample_id=ids.encode(ids.Kind.SAMPLE, row.sample_id),
            external_id=row.external_id,
            file_name=row.file_name,
            image=Image.of(row),
            created_at=row.created_at,
            deleted_at=row.deleted_at,
        )
