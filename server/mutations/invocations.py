"""Mutations that ask a function, and say what the right answer was."""

import asyncio

import strawberry

from pigeonhole import invocation
from pigeonhole.errors import PigeonholeError
from pigeonhole.paging import check_count
from server import ids
from server.access import find, find_invocable, refuse_choice
from server.context import Info
from server.inputs import ImageInput, SampleAnnotationInput, check_batch, read_image
from server.mutations.payload import Payload, answering
from server.permissions import ANYONE, INVOKE, WRITE
from server.types.prediction import Invocation
from server.types.sample import Sample
from server.types.shared import UserError


@strawberry.input(description="One image to ask about.")
class InvokeInput:
    function_id: strawberry.ID = strawberry.field(description="Whom to ask.")
    image: ImageInput = strawberry.field(description="The picture.")
    top_k: int = strawberry.field(
        default=1, description="Labels in `ranking`, most likely first; at most 100."
    )
    external_id: str | None = strawberry.field(
        default=None, description="The caller's own identifier."
    )
    capture: bool | None = strawberry.field(
        default=None,
        description="Whether to keep the image as a sample, whatever the capture settings say.",
    )


@strawberry.input(description="Images to ask about.")
class InvokeBatchInput:
    function_id: strawberry.ID = strawberry.field(description="Whom to ask.")
    images: list[ImageInput] = strawberry.field(description="At most 100.")
    top_k: int = strawberry.field(
        default=1, description="Labels in `ranking`, most likely first; at most 100."
    )


@strawberry.input(description="What the right answer was.")
class GiveFeedbackInput:
    invocation_id: strawberry.ID = strawberry.field(description="The answer that it is about.")
    label: SampleAnnotationInput = strawberry.field(description="What the image shows.")


@strawberry.type(description="Answer of `invoke`.", directives=ANYONE)
class InvokePayload(Payload):
    invocation: Invocation | None = strawberry.field(default=None, description="The answer.")


@strawberry.type(
    description="One answer of `invokeBatch`; exactly one of the two is set.", directives=ANYONE
)
class InvokeResult:
    invocation: Invocation | None = strawberry.field(default=None, description="The answer.")
    error: UserError | None = strawberry.field(
        default=None, description="Why there is none for this image."
    )


@strawberry.type(description="Answer of `invokeBatch`.", directives=ANYONE)
class InvokeBatchPayload(Payload):
    results: list[InvokeResult] = strawberry.field(
        default_factory=list, description="One for each image, in the order asked."
    )


@strawberry.type(description="Answer of `giveFeedback`.", directives=ANYONE)
class GiveFeedbackPayload(Payload):
    sample: Sample | None = strawberry.field(default=None, description="What the image has become.")


def _check_top_k(top_k: int) -> None:
    check_count(top_k, path=("input", "topK"))


@strawberry.type
class InvocationMutations:
    @strawberry.mutation(description="Asks a function about one image.", directives=INVOKE)
    @answering(InvokePayload, changes=False)
    async def invoke(self, info: Info, input: InvokeInput) -> InvokePayload:
        _check_top_k(input.top_k)
        function_id, as_anyone = await find_invocable(
            info.context.viewer, input.function_id, ("input", "functionId")
        )
        refuse_choice(as_anyone, input.capture)
        await info.context.meter.admit_invokes()
        services, path = info.context.services, ("input", "image")
        data = await read_image(info.context, input.image, path)
        if isinstance(data, PigeonholeError):
            raise data
        answered = await invocation.invoke(
            services,
            function_id,
            data,
            external_id=input.external_id,
            capture=input.capture,
            path=path,
        )
        return InvokePayload(invocation=Invocation.of(answered, input.top_k))

    @strawberry.mutation(
        description="Asks about up to 100 images, each by itself; answers stand in the order "
        "asked.",
        directives=INVOKE,
    )
    @answering(InvokeBatchPayload, changes=False)
    async def invoke_batch(self, info: Info, input: InvokeBatchInput) -> InvokeBatchPayload:
        _check_top_k(input.top_k)
        check_batch(input.images, ("input", "images"))
        function_id, _ = await find_invocable(
            info.context.viewer, input.function_id, ("input", "functionId")
        )
        await info.context.meter.admit_invokes(len(input.images))
        services = info.context.services
        datas = await asyncio.gather(
            *(
                read_image(info.context, image, ("input", "images", str(index)))
                for index, image in enumerate(input.images)
            )
        )
        answers = await invocation.invoke_batch(services, function_id, datas)
        return InvokeBatchPayload(
            results=[
                InvokeResult(error=UserError.of(one))
                if isinstance(one, PigeonholeError)
                else InvokeResult(invocation=Invocation.of(one, input.top_k))
                for one in answers
            ]
        )

    @strawberry.mutation(
        description="Says what the right answer was; the image becomes an annotated sample.",
        directives=WRITE,
    )
    @answering(GiveFeedbackPayload)
    async def give_feedback(self, info: Info, input: GiveFeedbackInput) -> GiveFeedbackPayload:
        viewer = info.context.viewer
        id = await find(viewer, ids.Kind.INVOCATION, input.invocation_id, ("input", "invocationId"))
        label = await input.label.choice(viewer, ("input", "label"))
        row = await invocation.give_feedback(info.context.services, id, label)
        return GiveFeedbackPayload(sample=Sample.of(row))
