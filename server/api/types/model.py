"""Models and their metrics, as clients see them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from pigeonhole import tables
from pigeonhole.samples import listing
from server import ids
from server.api.connections import After, Connection, First, connect
from server.api.context import Info
from server.api.types.metrics import SUMMARIES, ConfusionMatrix, Metrics
from server.api.types.shared import Estimate, Node, maybe
from server.auth.permissions import READ
from server.transport.costs import Cost

if TYPE_CHECKING:
    from server.api.types.function import Function
    from server.api.types.sample import Sample
    from server.api.types.training import TrainingRun


@strawberry.type(
    description="A trained version of a function. A model never changes. Its metrics are kept "
    "for good; only the newest ones (200 by default) can be activated again.",
    directives=READ,
)
class Model(Node):
    row: strawberry.Private[tables.Model]
    version: int = strawberry.field(
        description="Number of the model within its function: 1, 2, 3 and so on."
    )
    created_at: datetime = strawberry.field(description="When the model was published.")
    data_revision: int = strawberry.field(
        description="Revision of the samples, labels and annotations that the model was trained on."
    )
    seed: int = strawberry.field(description="Random seed of the cross-validation folds.")
    encoder: str = strawberry.field(
        description="Image encoder that computed the embeddings, such as "
        "`ViT-B-32-256/datacomp_s34b_b86k`."
    )
    classifier: str = strawberry.field(
        description="Kind of classifier that was chosen, such as `gaussian`, and why."
    )

    @strawberry.field(
        description="Function that the model belongs to.", directives=(Cost(points=2),)
    )
    async def function(
        self, info: Info
    ) -> Annotated["Function", strawberry.lazy("server.api.types.function")]:
        from server.api.types.function import function_of

        return await function_of(info, self.row.function_id)

    @strawberry.field(description="Whether `invoke` uses this model.", directives=(Cost(points=3),))
    async def active(self, info: Info) -> bool:
        function = await info.context.loaders.functions.load(self.row.function_id)
        return function is not None and function.active_model_id == self.row.id

    @strawberry.field(
        description="Training run that produced the model; null if it no longer exists.",
        directives=(Cost(points=3),),
    )
    async def training_run(
        self, info: Info
    ) -> Annotated["TrainingRun", strawberry.lazy("server.api.types.training")] | None:
        from server.api.types.training import TrainingRun

        row = await info.context.loaders.runs_of_models.load(self.row.id)
        return maybe(TrainingRun.of, row)

    @strawberry.field(
        description="Whether the model was made from the names of the labels alone, without any "
        "sample."
    )
    def from_names_alone(self) -> bool:
        return all(label["support"] == 0 for label in self.row.metrics["labels"])

    @strawberry.field(
        description="Lists the samples whose held-out prediction differs between this model and "
        "another version.",
        directives=(Cost(points=150),),
    )
    async def changed_since(
        self,
        info: Info,
        version: Annotated[int, strawberry.argument(description="Version to compare with.")],
        first: First = None,
        after: After = None,
    ) -> Connection[Annotated["Sample", strawberry.lazy("server.api.types.sample")]]:
        from server.api.types.sample import Sample

        query = await listing.changed(info.context.services, self.row, version)
        return await connect(query, Sample.of, first, after, None, None)

    @strawberry.field(
        description="Quality of the model, measured on held-out samples.",
        directives=(Cost(points=3),),
    )
    async def metrics(self, info: Info) -> Metrics:
        stored = self.row.metrics
        function = await info.context.loaders.functions.load(self.row.function_id)
        if function is not None and function.active_model_id == self.row.id:
            labels = [UUID(label) for label in stored["classes"]]
            if None in await info.context.loaders.labels.load_many(labels):
                stored = stored | dict.fromkeys(SUMMARIES)
        return Metrics(
            model=self.row,
            accuracy=Estimate.of(stored["accuracy"]),
            balanced_accuracy=stored["balanced_accuracy"],
            macro_f1=stored["macro_f1"],
            calibration_error=stored["calibration_error"],
            folds=stored["folds"],
            taught_label_count=sum(label["support"] > 0 for label in stored["labels"]),
            label_count=len(stored["labels"]),
            unlabelled_sample_count=stored.get("unlabelled", 0),
            confusion_matrix=ConfusionMatrix(
                model=self.row,
                label_ids=[UUID(label) for label in stored["classes"]],
            ),
        )

    @classmethod
    def of(cls, row: tables.Model) -> Self:
        return cls(
            row=row,
            id=ids.encode(ids.Kind.MODEL, row.id),
            version=row.version,
            created_at=row.created_at,
            data_revision=row.revision,
            seed=row.seed,
            encoder=row.encoder,
            classifier=row.classifier,
        )
