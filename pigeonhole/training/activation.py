"""Activation of a model by a caller."""

from uuid import UUID

from tortoise.expressions import F
from tortoise.transactions import in_transaction

from pigeonhole.access import audit
from pigeonhole.errors import NotFoundError
from pigeonhole.revisions import lock
from pigeonhole.services import events, jobs
from pigeonhole.services.predictors import too_old
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Model, ModelArrays
from pigeonhole.training import encoder_changes
from pigeonhole.webhooks import outbox


async def activate(
    services: Services, id: UUID, *, record: audit.Record = audit.unrecorded
) -> Model:
    """Activate a model, possibly an earlier one, until a later run replaces it.

    A job stores its answers in the samples' rows.

    Raises:
        NotFoundError: Model not found.
        ConflictError: The model is too old: its arrays have been deleted. Or it was made with
            another encoder than the function's.
    """
    model = await Model.get_or_none(id=id)
    if model is None:
        raise NotFoundError("Model not found.", path=("input", "id"))
    async with in_transaction():
        locked = await lock([model.function_id])
        if not await ModelArrays.exists(model_id=id):
            raise too_old(model)
        await encoder_changes.require_same(services, model)
        await Function.filter(id=model.function_id).update(
            active_model_id=id, answer_revision=F("answer_revision") + 1
        )
        told = await outbox.model_activated(locked[model.function_id], model)
        await record([model])
    await outbox.deliver_soon(services, told)
    await jobs.request_answers(services.redis, model.function_id)
    await events.publish(services.broadcast, model.function_id)
    return model
