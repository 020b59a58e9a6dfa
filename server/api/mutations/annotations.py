"""Mutations of annotations."""

from uuid import UUID

import strawberry

from pigeonhole.errors import InvalidError
from pigeonhole.samples import annotations
from pigeonhole.services.breaks import paced
from server import ids
from server.api.context import Info
from server.api.inputs import check_batch
from server.api.mutations.payload import Payload, answering, recorder
from server.api.mutations.sample_inputs import AnnotateSamplesInput, ClearAnnotationsInput
from server.api.mutations.samples import samples_of
from server.api.types.sample import Sample
from server.api.types.shared import UserError, maybe
from server.auth.permissions import ANYONE, WRITE
from server.auth.visibility import find_all
from server.transport.costs import Cost


@strawberry.type(
    description="Result of one entry of `annotateSamples` or `clearAnnotations`.",
    directives=ANYONE,
)
class AnnotationResult:
    sample: Sample = strawberry.field(description="The sample as it is now.")
    error: UserError | None = strawberry.field(
        default=None, description="Why the sample was not changed; null if it was."
    )

    @classmethod
    def of(cls, written: annotations.Written) -> "AnnotationResult":
        return cls(sample=Sample.of(written.sample), error=maybe(UserError.of, written.conflict))


@strawberry.type
class WrittenPayload(Payload):
    """What both mutations of annotations return."""

    samples: list[Sample] = strawberry.field(
        default_factory=list,
        description="The samples as they are now, in the order of the input; empty if there are "
        "errors.",
    )
    results: list[AnnotationResult] = strawberry.field(
        default_factory=list,
        description="One result for each entry, in the same order; empty if there are errors.",
    )


@strawberry.type(description="Result of `annotateSamples`.", directives=ANYONE)
class AnnotateSamplesPayload(WrittenPayload):
    pass


@strawberry.type(description="Result of `clearAnnotations`.", directives=ANYONE)
class ClearAnnotationsPayload(WrittenPayload):
    pass


def _label(id: strawberry.ID | None, path: tuple[str, ...]) -> UUID | None:
    """Return the label that a sample is expected to have, whether or not it exists."""
    return None if id is None else ids.decode(ids.Kind.LABEL, id, path)


@strawberry.type
class AnnotationMutations:
    @strawberry.mutation(
        description="Annotates up to 100 samples. A new annotation replaces the existing one. "
        "Samples whose annotation is not the `expected` one are left unchanged; otherwise all "
        "samples are annotated or none.",
        directives=(*WRITE, Cost(points=170, per_entry=25, entries="input.annotations")),
    )
    @answering(AnnotateSamplesPayload)
    async def annotate_samples(
        self, info: Info, input: AnnotateSamplesInput
    ) -> AnnotateSamplesPayload:
        check_batch(input.annotations, ("input", "annotations"))
        viewer = info.context.viewer
        paths = [("input", "annotations", str(index)) for index in range(len(input.annotations))]
        named = [
            (given.sample_id, (*path, "sampleId"))
            for path, given in zip(paths, input.annotations, strict=True)
        ]
        found = await find_all(viewer, ids.Kind.SAMPLE, named)
        choices = [
            (id, await given.label.choice(viewer, (*path, "label")), path)
            for id, path, given in zip(found, paths, input.annotations, strict=True)
        ]
        confirmed = {
            id: given.confirmed
            for id, given in zip(found, input.annotations, strict=True)
            if given.confirmed is not None
        }
        expected = {
            id: _label(given.expected.label_id, (*path, "expected", "labelId"))
            for id, path, given in zip(found, paths, input.annotations, strict=True)
            if given.expected is not None
        }
        written = await annotations.annotate(
            info.context.services,
            choices,
            confirmed=confirmed,
            expected=expected,
            record=recorder(info, input),
        )
        return AnnotateSamplesPayload(
            samples=[Sample.of(one.sample) async for one in paced(written)],
            results=[AnnotationResult.of(one) async for one in paced(written)],
        )

    @strawberry.mutation(
        description="Removes the annotations of up to 100 samples. The samples stay. Samples "
        "whose label is not the expected one are left unchanged; otherwise all annotations are "
        "removed or none.",
        directives=(*WRITE, Cost(points=170, per_entry=10, entries="input.sampleIds")),
    )
    @answering(ClearAnnotationsPayload)
    async def clear_annotations(
        self, info: Info, input: ClearAnnotationsInput
    ) -> ClearAnnotationsPayload:
        given = await samples_of(info, input.sample_ids, "sampleIds")
        path = ("input", "expectedLabelIds")
        labels = input.expected_label_ids
        if labels is not None and len(labels) != len(given):
            raise InvalidError("One expected label for each sample is required.", path=path)
        expected = {
            id: _label(label, (*path, str(index)))
            for index, (id, label) in enumerate(zip(given, labels or (), strict=False))
        }
        written = await annotations.clear(
            info.context.services, given, expected=expected, record=recorder(info, input)
        )
        return ClearAnnotationsPayload(
            samples=[Sample.of(one.sample) async for one in paced(written)],
            results=[AnnotationResult.of(one) async for one in paced(written)],
        )
