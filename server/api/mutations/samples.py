"""Mutations of samples and their annotations."""

import asyncio
from uuid import UUID

import strawberry

from pigeonhole.errors import PigeonholeError
from pigeonhole.samples import quiz, retries, uploads
from pigeonhole.samples.uploads import NewSample
from pigeonhole.services.breaks import paced
from server import ids
from server.api.context import Info
from server.api.inputs import check_batch, read_image
from server.api.mutations.payload import Payload, answering, recorder
from server.api.mutations.sample_inputs import (
    AddSamplesInput,
    GradeAnswersInput,
    RetrySamplesInput,
    SampleInput,
)
from server.api.types.sample import Sample
from server.api.types.shared import UserError, maybe
from server.auth.permissions import ANYONE, WRITE
from server.auth.visibility import find, find_all
from server.transport.costs import Cost


@strawberry.type(
    description="Result of one entry of `addSamples`. Exactly one of `sample` and `error` is set.",
    directives=ANYONE,
)
class SampleCreateResult:
    sample: Sample | None = strawberry.field(
        default=None, description="The new or existing sample; null if the entry failed."
    )
    duplicate: bool = strawberry.field(
        default=False, description="Whether the function already had the sample."
    )
    error: UserError | None = strawberry.field(
        default=None, description="Why the image could not be added; null if it was."
    )

    @classmethod
    def of(cls, added: uploads.Added) -> "SampleCreateResult":
        return cls(
            sample=maybe(Sample.of, added.sample),
            duplicate=added.duplicate,
            error=maybe(UserError.of, added.error),
        )


@strawberry.type(description="Result of `addSamples`.", directives=ANYONE)
class AddSamplesPayload(Payload):
    results: list[SampleCreateResult] = strawberry.field(
        default_factory=list, description="One result for each entry, in the same order."
    )
    created_count: int = strawberry.field(default=0, description="Number of new samples.")


@strawberry.type(description="Result of `retrySamples`.", directives=ANYONE)
class RetrySamplesPayload(Payload):
    samples: list[Sample] = strawberry.field(
        default_factory=list, description="The samples as they are now; empty if there are errors."
    )


@strawberry.type(description="Result of `gradeAnswers`.", directives=ANYONE)
class GradeAnswersPayload(Payload):
    samples: list[Sample] = strawberry.field(
        default_factory=list,
        description="The graded samples, in the order of the input; empty if there are errors.",
    )


async def samples_of(info: Info, given: list[strawberry.ID], field: str) -> list[UUID]:
    """Return the row IDs of the samples in an input's list."""
    check_batch(given, ("input", field))
    named = [(id, ("input", field, str(index))) for index, id in enumerate(given)]
    return await find_all(info.context.viewer, ids.Kind.SAMPLE, named)


async def _entry(info: Info, index: int, given: SampleInput) -> NewSample:
    path = ("input", "samples", str(index))
    file = await read_image(info.context, given.image, (*path, "image"))
    name = None if isinstance(file, PigeonholeError) else file.name
    data = file if isinstance(file, PigeonholeError) else file.data
    label = None
    try:
        if given.annotation is not None:
            label = await given.annotation.choice(info.context.viewer, (*path, "annotation"))
    except PigeonholeError as error:
        data = error
    return NewSample(
        data=data,
        path=path,
        external_id=given.external_id,
        file_name=name if given.file_name is None else given.file_name,
        metadata=given.metadata,
        label=label,
    )


@strawberry.type
class SampleMutations:
    @strawberry.mutation(
        description="Adds up to 100 images to a function. Each succeeds or fails on its own.",
        directives=(*WRITE, Cost(points=250, per_entry=150, entries="input.samples")),
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
            info.context.services,
            function_id,
            entries,
            duplicates=input.duplicates,
            record=recorder(info, input),
        )
        return AddSamplesPayload(
            results=[SampleCreateResult.of(one) async for one in paced(added)],
            created_count=sum(one.sample is not None and not one.duplicate for one in added),
        )

    @strawberry.mutation(
        description="Requests another attempt to read the images of up to 100 unreadable samples, "
        "all or none. Annotated ones are learned from as soon as they can be read.",
        directives=(*WRITE, Cost(points=170, per_entry=10, entries="input.sampleIds")),
    )
    @answering(RetrySamplesPayload)
    async def retry_samples(self, info: Info, input: RetrySamplesInput) -> RetrySamplesPayload:
        rows = await retries.read_again(
            info.context.services,
            await samples_of(info, input.sample_ids, "sampleIds"),
            record=recorder(info, input),
        )
        return RetrySamplesPayload(samples=[Sample.of(row) for row in rows])

    @strawberry.mutation(
        description="Records whether the predictions for up to 100 unannotated samples are "
        "right, all or none. The right label becomes the annotation of the sample.",
        directives=(*WRITE, Cost(points=170, per_entry=25, entries="input.grades")),
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
        rows = await quiz.grade(info.context.services, verdicts, record=recorder(info, input))
        return GradeAnswersPayload(samples=[Sample.of(row) for row in rows])
