"""Mutations that invoke a function and record feedback."""

import asyncio

import strawberry

from pigeonhole import invocation
from pigeonhole.errors import PigeonholeError
from pigeonhole.images import File
from pigeonhole.paging import check_count
from server import ids
from server.api.context import Info
from server.api.inputs import ImageInput, SampleAnnotationInput, check_batch, read_image
from server.api.mutations.payload import Payload, answering, recorder
from server.api.types.prediction import Invocation
from server.api.types.sample import Sample
from server.api.types.shared import UserError
from server.auth.permissions import ANYONE, INVOKE, WRITE
from server.auth.visibility import find, find_invocable, refuse_choice
from server.transport.costs import Cost


@strawberry.input(description="Image to classify.")
class InvokeInput:
    function_id: strawberry.ID = strawberry.field(description="ID of the function to invoke.")
    image: ImageInput = strawberry.field(description="Image to classify.")
    top_k: int = strawberry.field(
        default=1, description="Number of labels in `Prediction.ranking`, from 1 to 100."
    )
    external_id: str | None = strawberry.field(
        default=None,
        description="Identifier given by the caller for this image, at most 200 characters.",
    )
    capture: bool | None = strawberry.field(
        default=None,
        description="Whether to keep the image as a sample, regardless of the function's capture "
        "settings. Default: the settings decide.",
    )


@strawberry.input(description="Images to classify.")
class InvokeBatchInput:
    function_id: strawberry.ID = strawberry.field(description="ID of the function to invoke.")
    images: list[ImageInput] = strawberry.field(description="Images to classify, from 1 to 100.")
    top_k: int = strawberry.field(
        default=1, description="Number of labels in `Prediction.ranking`, from 1 to 100."
    )


@strawberry.input(description="Feedback on an invocation.")
class GiveFeedbackInput:
    invocation_id: strawberry.ID = strawberry.field(description="ID of the invocation.")
    label: SampleAnnotationInput = strawberry.field(description="The right label of the image.")


@strawberry.type(description="Result of `invoke`.", directives=ANYONE)
class InvokePayload(Payload):
    invocation: Invocation | None = strawberry.field(
        default=None, description="The invocation with its prediction; null if there are errors."
    )


@strawberry.type(
    description="Result of one image of `invokeBatch`. Exactly one field is set.", directives=ANYONE
)
class InvokeResult:
    invocation: Invocation | None = strawberry.field(
        default=None, description="The invocation with its prediction; null if the image failed."
    )
    error: UserError | None = strawberry.field(
        default=None, description="Why the image could not be classified; null if it was."
    )


@strawberry.type(description="Result of `invokeBatch`.", directives=ANYONE)
class InvokeBatchPayload(Payload):
    results: list[InvokeResult] = strawberry.field(
        default_factory=list, description="One result for each image, in the same order."
    )


@strawberry.type(description="Result of `giveFeedback`.", directives=ANYONE)
class GiveFeedbackPayload(Payload):
    sample: Sample | None = strawberry.field(
        default=None, description="The image as an annotated sample; null if there are errors."
    )


def _check_top_k(top_k: int) -> None:
    check_count(top_k, path=("input", "topK"))


async def _result(
    info: Info, answered: invocation.Answered | PigeonholeError, top_k: int
) -> InvokeResult:
    try:
        if isinstance(answered, PigeonholeError):
            raise answered
        return InvokeResult(invocation=await Invocation.of(info, answered, top_k))
    except PigeonholeError as error:
        return InvokeResult(error=UserError.of(error))


@strawberry.type
class InvocationMutations:
    @strawberry.mutation(
        description="Classifies one image with the active model of a function.",
        directives=(*INVOKE, Cost(points=200)),
    )
    @answering(InvokePayload)
    async def invoke(self, info: Info, input: InvokeInput) -> InvokePayload:
        _check_top_k(input.top_k)
        function_id, as_anyone = await find_invocable(
            info.context.viewer, input.function_id, ("input", "functionId")
        )
        refuse_choice(as_anyone, input.capture)
        await info.context.meter.admit_invokes()
        services, path = info.context.services, ("input", "image")
        file = await read_image(info.context, input.image, path)
        if isinstance(file, PigeonholeError):
            raise file
        await info.context.meter.admit_bytes(len(file.data))
        answered = await invocation.invoke(
            services,
            function_id,
            file.data,
            external_id=input.external_id,
            file_name=file.name,
            capture=input.capture,
            path=path,
        )
        return InvokePayload(invocation=await Invocation.of(info, answered, input.top_k))

    @strawberry.mutation(
        description="Classifies up to 100 images. Each succeeds or fails on its own; results are "
        "in the order of the images.",
        directives=(*INVOKE, Cost(points=100, per_entry=80, entries="input.images")),
    )
    @answering(InvokeBatchPayload)
    async def invoke_batch(self, info: Info, input: InvokeBatchInput) -> InvokeBatchPayload:
        _check_top_k(input.top_k)
        check_batch(input.images, ("input", "images"))
        function_id, _ = await find_invocable(
            info.context.viewer, input.function_id, ("input", "functionId")
        )
        await info.context.meter.admit_invokes(len(input.images))
        services = info.context.services
        files = await asyncio.gather(
            *(
                read_image(info.context, image, ("input", "images", str(index)))
                for index, image in enumerate(input.images)
            )
        )
        await info.context.meter.admit_bytes(
            sum(len(file.data) for file in files if isinstance(file, File))
        )
        answers = await invocation.invoke_batch(services, function_id, files)
        return InvokeBatchPayload(
            results=await asyncio.gather(*(_result(info, one, input.top_k) for one in answers))
        )

    @strawberry.mutation(
        description="Records the right label of an invocation's image, which becomes an annotated "
        "sample.",
        directives=(*WRITE, Cost(points=400)),
    )
    @answering(GiveFeedbackPayload)
    async def give_feedback(self, info: Info, input: GiveFeedbackInput) -> GiveFeedbackPayload:
        viewer = info.context.viewer
        id = await find(viewer, ids.Kind.INVOCATION, input.invocation_id, ("input", "invocationId"))
        label = await input.label.choice(viewer, ("input", "label"))
        row = await invocation.give_feedback(
            info.context.services, id, label, record=recorder(info, input)
        )
        return GiveFeedbackPayload(sample=Sample.of(row))
