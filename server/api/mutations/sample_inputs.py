"""Inputs of mutations of samples and their annotations."""

import strawberry

from pigeonhole.samples.uploads import DuplicatePolicy
from server.api.inputs import ImageInput, SampleAnnotationInput
from server.api.scalars import JSON


@strawberry.input(description="Image to add as a sample.")
class SampleInput:
    image: ImageInput = strawberry.field(description="The image.")
    external_id: str | None = strawberry.field(
        default=None,
        description="Identifier given by the caller, unique in the function, at most 200 "
        "characters. A sample has at most one; a different one for the same image is refused with "
        "the error `CONFLICT`.",
    )
    file_name: str | None = strawberry.field(
        default=None,
        description="Name of the file; of a path, only the last part is kept. Default: the name "
        "of the uploaded file, the last part of the URL, the parameter `name` of the data URI, or "
        "the name of the sample that the image is taken from. Empty: no name.",
    )
    metadata: JSON | None = strawberry.field(
        default=None,
        description="What else is known of the image, as an object of strings: at most 50 values "
        "and 10,000 characters, keys included. An image that the function already has gets it if "
        "it has none.",
    )
    annotation: SampleAnnotationInput | None = strawberry.field(
        default=None, description="Label that the image shows. Default: not annotated."
    )


@strawberry.input(description="Images to add to a function.")
class AddSamplesInput:
    function_id: strawberry.ID = strawberry.field(
        description="ID of the function to add the images to."
    )
    samples: list[SampleInput] = strawberry.field(description="Images to add, from 1 to 100.")
    duplicates: DuplicatePolicy = strawberry.field(
        default=DuplicatePolicy.MERGE,
        description="What to do with images that the function already has.",
    )


@strawberry.input(description="Samples to delete.")
class DeleteSamplesInput:
    ids: list[strawberry.ID] = strawberry.field(
        description="IDs of the samples to delete, from 1 to 100."
    )
    permanently: bool = strawberry.field(
        default=False,
        description="Whether to delete the samples for good, in place of moving them to the trash.",
    )


@strawberry.input(description="Samples in the trash to restore.")
class RestoreSamplesInput:
    ids: list[strawberry.ID] = strawberry.field(
        description="IDs of the deleted samples, as in `DeletedSample.id`, from 1 to 100."
    )


@strawberry.input(description="Samples in the trash to delete for good.")
class PurgeSamplesInput:
    ids: list[strawberry.ID] = strawberry.field(
        description="IDs of the deleted samples, as in `DeletedSample.id`, from 1 to 100."
    )


@strawberry.input(description="Samples whose images to read again.")
class RetrySamplesInput:
    sample_ids: list[strawberry.ID] = strawberry.field(
        description="IDs of the samples, from 1 to 100. Those that are not `unreadable` stay as "
        "they are."
    )


@strawberry.input(description="Annotation that a sample is believed to have.")
class ExpectedAnnotationInput:
    label_id: strawberry.ID | None = strawberry.field(
        default=None, description="ID of the label; null if the sample has none."
    )


@strawberry.input(description="Label of one sample.")
class AnnotationInput:
    sample_id: strawberry.ID = strawberry.field(description="ID of the sample to annotate.")
    label: SampleAnnotationInput = strawberry.field(description="Label that the sample shows.")
    confirmed: bool | None = strawberry.field(
        default=None,
        description="Whether a person has confirmed the label. A confirmed sample is not "
        "disputed, whatever the model predicts. Default: unchanged if the label "
        "stays the same, otherwise false.",
    )
    expected: ExpectedAnnotationInput | None = strawberry.field(
        default=None,
        description="Annotation that the caller believes the sample to have. If it has another, "
        "the sample is not changed, and its result has the error `CONFLICT`. Default: not "
        "checked.",
    )


@strawberry.input(description="Samples to annotate.")
class AnnotateSamplesInput:
    annotations: list[AnnotationInput] = strawberry.field(
        description="Samples with their labels, from 1 to 100."
    )


@strawberry.input(description="Samples whose annotations to remove.")
class ClearAnnotationsInput:
    sample_ids: list[strawberry.ID] = strawberry.field(
        description="IDs of the samples, from 1 to 100."
    )
    expected_label_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="IDs of the labels that the caller believes the samples to have, in the same "
        "order. A sample that has another is not changed, and its result has the error "
        "`CONFLICT`. Default: not checked.",
    )


@strawberry.input(description="Verdict on the prediction for one sample.")
class GradeInput:
    sample_id: strawberry.ID = strawberry.field(description="ID of the sample.")
    shown_label_id: strawberry.ID = strawberry.field(
        description="ID of the predicted label that was shown."
    )
    right: bool = strawberry.field(description="Whether the prediction is right.")
    label: SampleAnnotationInput | None = strawberry.field(
        default=None, description="The right label, if the prediction is wrong. Default: unknown."
    )


@strawberry.input(description="Verdicts on predictions.")
class GradeAnswersInput:
    grades: list[GradeInput] = strawberry.field(description="Verdicts, from 1 to 100.")
