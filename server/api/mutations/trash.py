"""Mutations that delete samples, restore them, and delete them for good."""

from uuid import UUID

import strawberry

from pigeonhole.samples import trash
from server import ids
from server.api.context import Info
from server.api.inputs import check_batch
from server.api.mutations.payload import Payload, answering, recorder
from server.api.mutations.sample_inputs import (
    DeleteSamplesInput,
    PurgeSamplesInput,
    RestoreSamplesInput,
)
from server.api.mutations.samples import samples_of
from server.api.types.deleted_sample import DeletedSample
from server.api.types.sample import Sample
from server.api.types.shared import UserError, maybe
from server.auth.permissions import ANYONE, WRITE
from server.auth.visibility import find_all
from server.transport.costs import Cost


@strawberry.type(description="Result of `deleteSamples`.", directives=ANYONE)
class DeleteSamplesPayload(Payload):
    deleted_sample_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="IDs of the deleted samples; empty if there are errors."
    )
    deleted_samples: list[DeletedSample] = strawberry.field(
        default_factory=list,
        description="The samples in the trash, for `restoreSamples`; empty if they were deleted "
        "permanently, and if there are errors.",
    )


@strawberry.type(
    description="Result of one entry of `restoreSamples`. Exactly one of `sample` and `error` is "
    "set.",
    directives=ANYONE,
)
class SampleRestoreResult:
    sample: Sample | None = strawberry.field(
        default=None, description="The sample, with its earlier ID; null if it was not restored."
    )
    error: UserError | None = strawberry.field(
        default=None, description="Why the sample stays in the trash; null if it was restored."
    )


@strawberry.type(description="Result of `restoreSamples`.", directives=ANYONE)
class RestoreSamplesPayload(Payload):
    results: list[SampleRestoreResult] = strawberry.field(
        default_factory=list,
        description="One result for each ID, in the same order; empty if there are errors.",
    )


@strawberry.type(description="Result of `purgeSamples`.", directives=ANYONE)
class PurgeSamplesPayload(Payload):
    purged_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="IDs that were given, of samples that are gone for good; empty if there are "
        "errors.",
    )


async def _deleted(info: Info, given: list[strawberry.ID]) -> list[UUID]:
    """Return the row IDs of samples in the trash."""
    check_batch(given, ("input", "ids"))
    named = [(id, ("input", "ids", str(index))) for index, id in enumerate(given)]
    return await find_all(info.context.viewer, ids.Kind.DELETED_SAMPLE, named)


@strawberry.type
class TrashMutations:
    @strawberry.mutation(
        description="Moves up to 100 samples with their annotations to the trash of their "
        "functions, all or none. `restoreSamples` brings them back; after "
        "`PIGEONHOLE_KEPT_DELETED_DAYS` days (default: 30) they are deleted for good, with images "
        "that nothing else uses. The trash of a function holds as many samples as a function may "
        "have; the oldest make room. Verdicts of the quiz on the samples are deleted at once.",
        directives=(*WRITE, Cost(points=170, per_entry=8, entries="input.ids")),
    )
    @answering(DeleteSamplesPayload)
    async def delete_samples(self, info: Info, input: DeleteSamplesInput) -> DeleteSamplesPayload:
        kept = await trash.delete(
            info.context.services,
            await samples_of(info, input.ids, "ids"),
            permanently=input.permanently,
            record=recorder(info, input),
        )
        return DeleteSamplesPayload(
            deleted_sample_ids=input.ids, deleted_samples=[DeletedSample.of(row) for row in kept]
        )

    @strawberry.mutation(
        description="Brings up to 100 samples back from the trash, with their IDs and "
        "annotations. Each succeeds or fails on its own: one whose image or external ID the "
        "function has again stays in the trash with the error `CONFLICT`.",
        directives=(*WRITE, Cost(points=170, per_entry=12, entries="input.ids")),
    )
    @answering(RestoreSamplesPayload)
    async def restore_samples(
        self, info: Info, input: RestoreSamplesInput
    ) -> RestoreSamplesPayload:
        restored = await trash.restore(
            info.context.services, await _deleted(info, input.ids), record=recorder(info, input)
        )
        return RestoreSamplesPayload(
            results=[
                SampleRestoreResult(
                    sample=maybe(Sample.of, one.sample), error=maybe(UserError.of, one.error)
                )
                for one in restored
            ]
        )

    @strawberry.mutation(
        description="Deletes up to 100 samples in the trash for good, all or none. Images that "
        "nothing else uses are deleted within hours.",
        directives=(*WRITE, Cost(points=170, per_entry=6, entries="input.ids")),
    )
    @answering(PurgeSamplesPayload)
    async def purge_samples(self, info: Info, input: PurgeSamplesInput) -> PurgeSamplesPayload:
        await trash.purge(
            info.context.services, await _deleted(info, input.ids), record=recorder(info, input)
        )
        return PurgeSamplesPayload(purged_ids=input.ids)
