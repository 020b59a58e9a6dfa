"""Mutations of samples and their annotations."""

import asyncio
from uuid import UUID

import strawberry

from pigeonhole import quiz, samples, uploads
from pigeonhole.errors import PigeonholeError
from pigeonhole.uploads import DuplicatePolicy, NewSample
from server import ids
from server.access import find, find_all
from server.context import Info
from server.inputs import ImageInput, SampleAnnotationInput, check_batch, read_image
from server.mutations.payload import Payload, answering
from server.permissions import ANYONE, WRITE
from server.types.sample import Sample
from server.types.shared import UserError, maybe


@strawberry.input(description="One image to add.")
class SampleInput:
    image: ImageInput = strawberry.field(description="The picture.")
    external_id: str | None = strawberry.field(
        default=None, description="The caller's own identifier; unique in the function."
    )
    annotation: SampleAnnotationInput | None = strawberry.field(
        default=None, description="What it shows."
    )


@strawberry.input(description="Images to add to a function.")
class AddSamplesInput:
    function_id: strawberry.ID = strawberry.field(description="Whose samples they become.")
    samples: list[SampleInput] = strawberry.field(description="At most 100.")
    duplicates: DuplicatePolicy = strawberry.field(
        default=DuplicatePolicy.MERGE, description="What to do with those that are there already."
    )


@strawberry.input(description="Which samples to delete.")
class DeleteSamplesInput:
    ids: list[strawberry.ID] = strawberry.field(description="At most 100.")


@strawberry.input(description="What one sample is.")
class AnnotationInput:
    sample_id: strawberry.ID = strawberry.field(description="The sample.")
    label: SampleAnnotationInput = strawberry.field(description="What it shows.")
    confirmed: bool | None = strawberry.field(
        default=None,
        description="Whether this holds whatever the model says, so that the sample is disputed no "
        "more; unsaid, it stays as it was while the label does.",
    )


@strawberry.input(description="What samples are.")
class AnnotateSamplesInput:
    annotations: list[AnnotationInput] = strawberry.field(description="At most 100.")


@strawberry.input(description="Whose annotations to take away.")
class ClearAnnotationsInput:
    sample_ids: list[strawberry.ID] = strawberry.field(description="At most 100.")


@strawberry.type(
    description="What became of one entry of the input; exactly one of `sample` and `error` is "
    "set.",
    directives=ANYONE,
)
class SampleCreateResult:
    sample: Sample | None = strawberry.field(default=None, description="The sample.")
    duplicate: bool = strawberry.field(
        default=False, description="Whether the sample was there before."
    )
    error: UserError | None = strawberry.field(default=None, description="What is wrong with it.")

    @classmethod
    def of(cls, added: uploads.Added) -> "SampleCreateResult":
        return cls(
            sample=maybe(Sample.of, added.sample),
            duplicate=added.duplicate,
            error=maybe(UserError.of, added.error),
        )


@strawberry.type(description="Answer of `addSamples`.", directives=ANYONE)
class AddSamplesPayload(Payload):
    results: list[SampleCreateResult] = strawberry.field(
        default_factory=list, description="One for each entry, in the same order."
    )
    created_count: int = strawberry.field(default=0, description="How many are new.")


@strawberry.type(description="Answer of `deleteSamples`.", directives=ANYONE)
class DeleteSamplesPayload(Payload):
    deleted_sample_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Which ones are gone."
    )


@strawberry.type(description="Answer of `annotateSamples`.", directives=ANYONE)
class AnnotateSamplesPayload(Payload):
    samples: list[Sample] = strawberry.field(
        default_factory=list, description="As they are now, in the order asked."
    )


@strawberry.type(description="Answer of `clearAnnotations`.", directives=ANYONE)
class ClearAnnotationsPayload(Payload):
    samples: list[Sample] = strawberry.field(
        default_factory=list, description="As they are now, in the order asked."
    )


@strawberry.input(description="Whether an answer about one sample was right.")
class GradeInput:
    sample_id: strawberry.ID = strawberry.field(description="The sample.")
    shown_label_id: strawberry.ID = strawberry.field(description="The answer that was shown.")
    right: bool = strawberry.field(description="Whether it is right.")
    label: SampleAnnotationInput | None = strawberry.field(
        default=None, description="What it really is, where the answer is wrong."
    )


@strawberry.input(description="Verdicts on answers.")
class GradeAnswersInput:
    grades: list[GradeInput] = strawberry.field(description="At most 100.")


@strawberry.type(description="Answer of `gradeAnswers`.", directives=ANYONE)
class GradeAnswersPayload(Payload):
    samples: list[Sample] = strawberry.field(
        default_factory=list, description="As they are now, in the order asked."
    )


async def _samples(info: Info, given: list[strawberry.ID], field: str) -> list[UUID]:
    check_batch(given, ("input", field))
    named = [(id, ("input", field, str(index))) for index, id in enumerate(given)]
    return await find_all(info.context.viewer, ids.Kind.SAMPLE, named)


async def _entry(info: Info, index: int, given: SampleInput) -> NewSample:
    path = ("input", "samples", str(index))
    data = await read_image(info.context, given.image, (*path, "image"))
    label = None
    try:
        if given.annotation is not None:
            label = await given.annotation.choice(info.context.viewer, (*path, "annotation"))
    except PigeonholeError as error:
        data = error
    return NewSample(data=data, path=path, external_id=given.external_id, label=label)


@strawberry.type
class SampleMutations:
    @strawberry.mutation(
        description="Adds up to 100 images, each by itself: one that fails does not stop the "
        "others.",
        directives=WRITE,
    )
    @answering(AddSamplesPayload)
    async def add_samples(self, info: Info, input: AddSamplesInput) -> AddSamplesPayload:
        function_id = await find(
            info.context.viewer, ids.Kind.FUNCTION, input.function_id, ("input", "functionId")
        )
        check_batch(input.samples, ("input", "samples"))
        entries = await asyncio.gather(
            *(_entry(info, index, given) for index, given in enumerate(input.samples))
        )
        added = await uploads.add(
            info.context.services, function_id, entries, duplicates=input.duplicates
        )
        return AddSamplesPayload(
            results=[SampleCreateResult.of(one) for one in added],
            created_count=sum(one.sample is not None and not one.duplicate for one in added),
        )

    @strawberry.mutation(
        description="Deletes samples and their annotations, all or none. Pictures that no other "
        "function has are deleted within hours.",
        directives=WRITE,
    )
    @answering(DeleteSamplesPayload)
    async def delete_samples(self, info: Info, input: DeleteSamplesInput) -> DeleteSamplesPayload:
        await samples.delete(info.context.services, await _samples(info, input.ids, "ids"))
        return DeleteSamplesPayload(deleted_sample_ids=input.ids)

    @strawberry.mutation(
        description="Says what samples are, all or none; an earlier annotation is replaced.",
        directives=WRITE,
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
        annotations = [
            (id, await given.label.choice(viewer, (*path, "label")), path)
            for id, path, given in zip(found, paths, input.annotations, strict=True)
        ]
        confirmed = {
            id: given.confirmed
            for id, given in zip(found, input.annotations, strict=True)
            if given.confirmed is not None
        }
        rows = await samples.annotate(info.context.services, annotations, confirmed=confirmed)
        return AnnotateSamplesPayload(samples=[Sample.of(row) for row in rows])

    @strawberry.mutation(
        description="Says whether answers about samples that nobody has annotated were right, all "
        "or none. The right answer becomes the annotation.",
        directives=WRITE,
    )
    @answering(GradeAnswersPayload)
    async def grade_answers(self, info: Info, input: GradeAnswersInput) -> GradeAnswersPayload:
        check_batch(input.grades, ("input", "grades"))
        viewer, kind = info.context.viewer, ids.Kind
        verdicts = []
        for index, given in enumerate(input.grades):
            path = ("input", "grades", str(index))
            label = None
            if given.label is not None:
                label = await given.label.choice(viewer, (*path, "label"))
            verdicts.append(
                quiz.Graded(
                    await find(viewer, kind.SAMPLE, given.sample_id, (*path, "sampleId")),
                    await find(viewer, kind.LABEL, given.shown_label_id, (*path, "shownLabelId")),
                    given.right,
                    label,
                    path,
                )
            )
        rows = await quiz.grade(info.context.services, verdicts)
        return GradeAnswersPayload(samples=[Sample.of(row) for row in rows])

    @strawberry.mutation(
        description="Takes annotations away, all or none; the samples stay.", directives=WRITE
    )
    @answering(ClearAnnotationsPayload)
    async def clear_annotations(
        self, info: Info, input: ClearAnnotationsInput
    ) -> ClearAnnotationsPayload:
        rows = await samples.clear(
            info.context.services, await _samples(info, input.sample_ids, "sampleIds")
        )
        return ClearAnnotationsPayload(samples=[Sample.of(row) for row in rows])
