"""An input for each mutation of the schema that changes something, as often as it is used."""

from collections.abc import Awaitable, Callable
from typing import Any

from tortoise.models import Model as Table

from pigeonhole.kinds import (
    EncoderChangeState,
    WebhookEvent,
)
from pigeonhole.tables import (
    ApiKey,
    DeletedSample,
    EncoderChange,
    Function,
    Grade,
    Label,
    Sample,
    TrainingRun,
    Webhook,
    WebhookDelivery,
)
from server.api.scalars import instant
from server.ids import Kind
from tests.server.api.ground import (
    HOOK,
    Ground,
    Input,
    changing,
    deleted,
    id_of,
    new_function,
    new_label,
    new_webhook,
    running,
)

TABLES: tuple[type[Table], ...] = (
    Function, Label, Sample, DeletedSample, TrainingRun, Grade, Webhook, WebhookDelivery,
    EncoderChange, ApiKey
)  # fmt: skip
"""The tables that mutations change, without invocations, which are not audited."""


async def create_function(ground: Ground) -> Input:
    return {"name": ground.name(), "labels": ["a", "b"]}


async def update_function(ground: Ground) -> Input:
    return {"id": ground.function_id, "description": ground.name()}


async def delete_function(ground: Ground) -> Input:
    return {"id": id_of(Kind.FUNCTION, await new_function(ground))}


async def create_label(ground: Ground) -> Input:
    return {"functionId": ground.function_id, "name": ground.name()}


async def update_label(ground: Ground) -> Input:
    return {"id": ground.label_id, "description": ground.name()}


async def delete_label(ground: Ground) -> Input:
    return {"id": id_of(Kind.LABEL, await new_label(ground))}


async def add_samples(ground: Ground) -> Input:
    samples = [{"image": ground.picture(), "annotation": {"labelId": ground.label_id}}]
    return {"functionId": ground.function_id, "samples": samples}


async def delete_samples(ground: Ground) -> Input:
    return {"ids": [id_of(Kind.SAMPLE, await ground.annotated())]}


async def restore_samples(ground: Ground) -> Input:
    return {"ids": [await deleted(ground)]}


async def purge_samples(ground: Ground) -> Input:
    return {"ids": [await deleted(ground)]}


async def retry_samples(ground: Ground) -> Input:
    sample = await ground.sample(unreadable="The file is damaged.", embedded_for="an encoder")
    return {"sampleIds": [id_of(Kind.SAMPLE, sample)]}


async def annotate_samples(ground: Ground) -> Input:
    sample = id_of(Kind.SAMPLE, await ground.sample())
    return {"annotations": [{"sampleId": sample, "label": {"labelId": ground.label_id}}]}


async def clear_annotations(ground: Ground) -> Input:
    return {"sampleIds": [id_of(Kind.SAMPLE, await ground.annotated())]}


async def accept_predictions(ground: Ground) -> Input:
    version = ground.model.version
    await ground.sample(predicted_id=ground.label.id, confidence=0.99, answer_version=version)
    return {"functionId": ground.function_id, "version": version, "minConfidence": 0.95}


async def undo_acceptance(ground: Ground) -> Input:
    at = await ground.accepted()
    return {"functionId": ground.function_id, "acceptedAt": instant(at)}


async def grade_answers(ground: Ground) -> Input:
    sample = id_of(Kind.SAMPLE, await ground.sample(predicted_id=ground.label.id, confidence=0.9))
    return {"grades": [{"sampleId": sample, "shownLabelId": ground.label_id, "right": True}]}


async def start_training(ground: Ground) -> Input:
    function = await new_function(ground)
    for name in ("a", "b"):
        await Label.create(function_id=function.id, name=name, name_key=name)
    return {"functionId": id_of(Kind.FUNCTION, function)}


async def cancel_training(ground: Ground) -> Input:
    return {"id": id_of(Kind.TRAINING_RUN, await running(ground))}


async def activate_model(ground: Ground) -> Input:
    await Function.filter(id=ground.function.id).update(active_model_id=None)
    return {"id": id_of(Kind.MODEL, ground.model)}


async def change_encoder(ground: Ground) -> Input:
    function = await new_function(ground)
    await Function.filter(id=function.id).update(encoder="bundled")
    return {
        "functionId": id_of(Kind.FUNCTION, function),
        "encoder": ground.services.settings.encoder,
    }


async def stop_encoder_change(ground: Ground) -> Input:
    return await changing(ground, EncoderChangeState.EMBEDDING)


async def switch_encoder(ground: Ground) -> Input:
    return await changing(ground, EncoderChangeState.WAITING)


async def go_back_to_encoder(ground: Ground) -> Input:
    return await changing(ground, EncoderChangeState.SWITCHED)


async def invoke(ground: Ground) -> Input:
    return {"functionId": ground.function_id, "image": ground.picture()}


async def invoke_batch(ground: Ground) -> Input:
    return {"functionId": ground.function_id, "images": [ground.picture()]}


async def give_feedback(ground: Ground) -> Input:
    invocation = id_of(Kind.INVOCATION, await ground.invocation())
    return {"invocationId": invocation, "label": {"labelId": ground.label_id}}


async def create_api_key(ground: Ground) -> Input:
    return {"name": ground.name(), "scopes": ["READ"]}


async def revoke_api_key(ground: Ground) -> Input:
    name = ground.name()
    key = await ApiKey.create(name=name, prefix=name, secret_hash="", scopes=["read"])
    return {"id": id_of(Kind.API_KEY, key)}


async def create_webhook(ground: Ground) -> Input:
    return {"url": HOOK, "events": ["MODEL_ACTIVATED"], "functionId": ground.function_id}


async def update_webhook(ground: Ground) -> Input:
    return {
        "id": id_of(Kind.WEBHOOK, await new_webhook(ground)),
        "url": f"{HOOK}{ground.name()[5:]}",
    }


async def delete_webhook(ground: Ground) -> Input:
    return {"id": id_of(Kind.WEBHOOK, await new_webhook(ground))}


async def rotate_webhook_secret(ground: Ground) -> Input:
    return {"id": id_of(Kind.WEBHOOK, await new_webhook(ground))}


async def send_test(ground: Ground) -> Input:
    return {"id": id_of(Kind.WEBHOOK, await new_webhook(ground))}


async def redeliver(ground: Ground) -> Input:
    hook = await new_webhook(ground)
    waiting = await WebhookDelivery.create(
        webhook_id=hook.id, number=1, event=WebhookEvent.TEST, body="{}"
    )
    return {"id": id_of(Kind.WEBHOOK_DELIVERY, waiting)}


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
    "acceptPredictions": accept_predictions,
    "undoAcceptance": undo_acceptance,
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
    "rotateWebhookSecret": rotate_webhook_secret,
    "testWebhook": send_test,
    "redeliver": redeliver,
}
"""Functions that make an input, by the name of the mutation."""
UNAUDITED = {"invoke", "invokeBatch"}


def document(name: str) -> str:
    """Return a mutation that selects only its errors."""
    type = f"{name[0].upper()}{name[1:]}Input"
    return f"mutation ($input: {type}!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"


async def rows() -> list[list[dict[str, Any]]]:
    """Return all rows that mutations may change, as the database stores them."""
    found = []
    for table in TABLES:
        query = f'SELECT * FROM "{table._meta.db_table}" ORDER BY id'
        found.append(await table._meta.db.execute_query_dict(query))
    for key in found[-1]:
        del key["last_used_at"]  # changed by using a key
    return found
