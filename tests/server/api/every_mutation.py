"""Each mutation of the schema with an input that changes something, as often as it is asked for."""

import base64
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tortoise.models import Model as Table

from pigeonhole.kinds import (
    AnnotationSource,
    Decision,
    EncoderChangeState,
    TrainingState,
    WebhookEvent,
)
from pigeonhole.samples import trash
from pigeonhole.services.services import Services
from pigeonhole.tables import (
    ApiKey,
    DeletedSample,
    EncoderChange,
    Function,
    Grade,
    Invocation,
    Label,
    Model,
    Sample,
    TrainingRun,
    Webhook,
    WebhookDelivery,
)
from server import ids
from server.ids import Kind
from tests import build, make

Input = dict[str, Any]
TABLES: tuple[type[Table], ...] = (
    Function, Label, Sample, DeletedSample, TrainingRun, Grade, Webhook, WebhookDelivery,
    EncoderChange, ApiKey
)  # fmt: skip
"""What mutations change; invocations come by queries in all but name, and are not audited."""


@dataclass
class Ground:
    """A function that has learned, and what mutations need beside it."""

    services: Services
    function: Function
    model: Model
    label: Label
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1_000))

    @property
    def function_id(self) -> str:
        return ids.encode(Kind.FUNCTION, self.function.id)

    @property
    def label_id(self) -> str:
        return ids.encode(Kind.LABEL, self.label.id)

    def name(self) -> str:
        """A name that nothing has."""
        return f"name {next(self.numbers)}"

    async def sample(self, **columns: Any) -> Sample:
        """A new sample, by its row alone."""
        return await Sample.create(
            function_id=self.function.id, sha256=f"{next(self.numbers):064x}",
            media_type="image/png", width=1, height=1, byte_size=1, **columns,
        )  # fmt: skip

    async def annotated(self) -> Sample:
        """The same with an annotation."""
        return await self.sample(label_id=self.label.id, annotation_source=AnnotationSource.PERSON)

    async def invocation(self) -> Invocation:
        """An answer about a picture that is stored."""
        sha256 = f"{next(self.numbers):064x}"
        await self.services.storage.put(sha256, make.picture(next(self.numbers)))
        return await Invocation.create(
            function_id=self.function.id, model_id=self.model.id, sha256=sha256,
            media_type="image/png", width=1, height=1, byte_size=1, decision=Decision.REVIEW,
            ranking=[[str(self.label.id), 1.0]], model_time_ms=1.0,
        )  # fmt: skip

    def picture(self) -> Input:
        data = base64.b64encode(make.picture(next(self.numbers))).decode()
        return {"dataUri": f"data:image/png;base64,{data}"}


async def prepare(services: Services, run_jobs: Callable[[], Awaitable[int]]) -> Ground:
    """Train a function."""
    function = await build.function(services)
    await build.add_digits(services, function, 3)
    await run_jobs()
    model = await build.active_model(function)
    return Ground(services, function, model, await build.label(function, "0"))


def of(kind: Kind, row: Any) -> str:
    return ids.encode(kind, row.id)


async def _function(ground: Ground) -> Function:
    name = ground.name()
    return await Function.create(name=name, name_key=name, encoder=ground.function.encoder)


async def _label(ground: Ground) -> Label:
    name = ground.name()
    return await Label.create(function_id=ground.function.id, name=name, name_key=name)


async def _run(ground: Ground) -> TrainingRun:
    return await TrainingRun.create(
        function_id=ground.function.id, replaces=next(ground.numbers), state=TrainingState.RUNNING
    )


async def create_function(ground: Ground) -> Input:
    return {"name": ground.name(), "labels": ["a", "b"]}


async def update_function(ground: Ground) -> Input:
    return {"id": ground.function_id, "description": ground.name()}


async def delete_function(ground: Ground) -> Input:
    return {"id": of(Kind.FUNCTION, await _function(ground))}


async def create_label(ground: Ground) -> Input:
    return {"functionId": ground.function_id, "name": ground.name()}


async def update_label(ground: Ground) -> Input:
    return {"id": ground.label_id, "description": ground.name()}


async def delete_label(ground: Ground) -> Input:
    return {"id": of(Kind.LABEL, await _label(ground))}


async def add_samples(ground: Ground) -> Input:
    samples = [{"image": ground.picture(), "annotation": {"labelId": ground.label_id}}]
    return {"functionId": ground.function_id, "samples": samples}


async def delete_samples(ground: Ground) -> Input:
    return {"ids": [of(Kind.SAMPLE, await ground.annotated())]}


async def _deleted(ground: Ground) -> str:
    [row] = await trash.delete(ground.services, [(await ground.annotated()).id])
    return of(Kind.DELETED_SAMPLE, row)


async def restore_samples(ground: Ground) -> Input:
    return {"ids": [await _deleted(ground)]}


async def purge_samples(ground: Ground) -> Input:
    return {"ids": [await _deleted(ground)]}


async def retry_samples(ground: Ground) -> Input:
    sample = await ground.sample(unreadable="The file is damaged.", embedded_for="an encoder")
    return {"sampleIds": [of(Kind.SAMPLE, sample)]}


async def annotate_samples(ground: Ground) -> Input:
    sample = of(Kind.SAMPLE, await ground.sample())
    return {"annotations": [{"sampleId": sample, "label": {"labelId": ground.label_id}}]}


async def clear_annotations(ground: Ground) -> Input:
    return {"sampleIds": [of(Kind.SAMPLE, await ground.annotated())]}


async def grade_answers(ground: Ground) -> Input:
    sample = of(Kind.SAMPLE, await ground.sample(predicted_id=ground.label.id, confidence=0.9))
    return {"grades": [{"sampleId": sample, "shownLabelId": ground.label_id, "right": True}]}


async def start_training(ground: Ground) -> Input:
    function = await _function(ground)
    for name in ("a", "b"):
        await Label.create(function_id=function.id, name=name, name_key=name)
    return {"functionId": of(Kind.FUNCTION, function)}


async def cancel_training(ground: Ground) -> Input:
    return {"id": of(Kind.TRAINING_RUN, await _run(ground))}


async def activate_model(ground: Ground) -> Input:
    await Function.filter(id=ground.function.id).update(active_model_id=None)
    return {"id": of(Kind.MODEL, ground.model)}


async def change_encoder(ground: Ground) -> Input:
    function = await _function(ground)
    await Function.filter(id=function.id).update(encoder="bundled")
    return {"functionId": of(Kind.FUNCTION, function), "encoder": ground.services.settings.encoder}


async def stop_encoder_change(ground: Ground) -> Input:
    return await _changing(ground, EncoderChangeState.EMBEDDING)


async def switch_encoder(ground: Ground) -> Input:
    return await _changing(ground, EncoderChangeState.WAITING)


async def go_back_to_encoder(ground: Ground) -> Input:
    return await _changing(ground, EncoderChangeState.SWITCHED)


async def _changing(ground: Ground, state: EncoderChangeState) -> Input:
    function, encoder = await _function(ground), ground.services.settings.encoder
    await EncoderChange.create(
        function_id=function.id, encoder=encoder, encoder_before=encoder, state=state
    )
    return {"functionId": of(Kind.FUNCTION, function)}


async def invoke(ground: Ground) -> Input:
    return {"functionId": ground.function_id, "image": ground.picture()}


async def invoke_batch(ground: Ground) -> Input:
    return {"functionId": ground.function_id, "images": [ground.picture()]}


async def give_feedback(ground: Ground) -> Input:
    invocation = of(Kind.INVOCATION, await ground.invocation())
    return {"invocationId": invocation, "label": {"labelId": ground.label_id}}


async def create_api_key(ground: Ground) -> Input:
    return {"name": ground.name(), "scopes": ["READ"]}


async def revoke_api_key(ground: Ground) -> Input:
    name = ground.name()
    key = await ApiKey.create(name=name, prefix=name, secret_hash="", scopes=["read"])
    return {"id": of(Kind.API_KEY, key)}


HOOK = "https://hooks.example/"


async def _webhook(ground: Ground) -> Webhook:
    return await Webhook.create(url=HOOK, events=["model.activated"], secret="whsec_")


async def create_webhook(ground: Ground) -> Input:
    return {"url": HOOK, "events": ["MODEL_ACTIVATED"], "functionId": ground.function_id}


async def update_webhook(ground: Ground) -> Input:
    return {"id": of(Kind.WEBHOOK, await _webhook(ground)), "url": f"{HOOK}{ground.name()[5:]}"}


async def delete_webhook(ground: Ground) -> Input:
    return {"id": of(Kind.WEBHOOK, await _webhook(ground))}


async def send_test(ground: Ground) -> Input:
    return {"id": of(Kind.WEBHOOK, await _webhook(ground))}


async def redeliver(ground: Ground) -> Input:
    hook = await _webhook(ground)
    waiting = await WebhookDelivery.create(
        webhook_id=hook.id, number=1, event=WebhookEvent.TEST, body="{}"
    )
    return {"id": of(Kind.WEBHOOK_DELIVERY, waiting)}


INPUTS: dict[str, Callable[[Ground], Awaitable[Input]]] = {
    "createFunction": create_function,
    "updateFunction": update_function,
    "deleteFunction": delete_function,
    "createLabel": create_label,
    "updateLabel": update_label,
    "deleteLabel": delete_label,
    "addSamples": add_samples,
    "deleteSamples": delete_samples,
    "restoreSamples": restore_samples,
    "purgeSamples": purge_samples,
    "retrySamples": retry_samples,
    "annotateSamples": annotate_samples,
    "clearAnnotations": clear_annotations,
    "gradeAnswers": grade_answers,
    "startTraining": start_training,
    "cancelTraining": cancel_training,
    "activateModel": activate_model,
    "changeEncoder": change_encoder,
    "stopEncoderChange": stop_encoder_change,
    "switchEncoder": switch_encoder,
    "goBackToEncoder": go_back_to_encoder,
    "invoke": invoke,
    "invokeBatch": invoke_batch,
    "giveFeedback": give_feedback,
    "createApiKey": create_api_key,
    "revokeApiKey": revoke_api_key,
    "createWebhook": create_webhook,
    "updateWebhook": update_webhook,
    "deleteWebhook": delete_webhook,
    "testWebhook": send_test,
    "redeliver": redeliver,
}
"""The inputs, by the names of the mutations."""
UNAUDITED = {"invoke", "invokeBatch"}


def document(name: str) -> str:
    """A mutation that asks for its errors alone."""
    type = f"{name[0].upper()}{name[1:]}Input"
    return f"mutation ($input: {type}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"


async def rows() -> list[list[dict[str, Any]]]:
    """All that mutations may change."""
    found = [await table.all().order_by("id").values() for table in TABLES]
    for key in found[-1]:
        del key["last_used_at"]  # which using a key changes
    return [list(one) for one in found]
