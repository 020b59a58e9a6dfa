"""Labels: the answers that a function can give."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from pigeonhole import functions, grouping, look_alikes, names
from pigeonhole.access import audit
from pigeonhole.errors import ConflictError, LimitReachedError, NotFoundError, TakenError
from pigeonhole.revisions import bump, lock, number_change, training_set_changed
from pigeonhole.services.deletions import deletes
from pigeonhole.services.services import Services
from pigeonhole.tables import DeletedSample, Function, Label, Sample


async def get(id: UUID, path: Sequence[str] = ("input", "id")) -> Label:
    """Return a label by its ID.

    Raises:
        NotFoundError: The label does not exist.
    """
    label = await Label.get_or_none(id=id)
    if label is None:
        raise NotFoundError("Label not found.", path=path)
    return label


async def create(
    services: Services,
    function_id: UUID,
    *,
    name: str,
    description: str | None = None,
    metadata: Any = None,
    record: audit.Record = audit.unrecorded,
) -> Label:
    """Create a label of a function.

    Raises:
        NotFoundError: Function not found.
        TakenError: The function has a label of this name.
        LimitReachedError: The function has the maximum number of labels.
        RequiredError, TooLongError, InvalidError: A value breaks a rule.
    """
    name = names.clean_name(name, ("input", "name"))
    description = names.clean_text(
        description, ("input", "description"), longest=names.MAX_DESCRIPTION
    )
    try:
        async with in_transaction():
            await lock([function_id])
            await functions.get(function_id)
            await check_room(function_id, ("input", "functionId"))
            await _check_free(function_id, name)
            label = await Label.create(
                function_id=function_id,
                name=name,
                name_key=names.key(name),
                description=description,
                metadata=json.dumps(metadata),
            )
            await bump(function_id)
            await record([label])
    except IntegrityError as error:
        raise _taken(name) from error
    await training_set_changed(services, function_id)
    return label


async def check_room(function_id: UUID, path: Sequence[str], *, more: int = 1) -> None:
    """Check that a function may have more labels.

    Raises:
        LimitReachedError: It would exceed the maximum number.
    """
    if await Label.filter(function_id=function_id).count() + more > functions.MAX_LABELS:
        raise LimitReachedError(
            f"A function can have at most {functions.MAX_LABELS} labels.", path=path
        )


async def update(
    services: Services,
    id: UUID,
    changes: dict[str, Any],
    *,
    record: audit.Record = audit.unrecorded,
) -> Label:
    """Set the columns in ``changes``.

    Raises:
        NotFoundError: Label not found.
        TakenError: Another label of the function has this name.
        RequiredError, TooLongError, InvalidError: A value breaks a rule.
    """
    if "name" in changes:
        changes["name"] = names.clean_name(changes["name"], ("input", "name"))
        changes["name_key"] = names.key(changes["name"])
    if "description" in changes:
        changes["description"] = names.clean_text(
            changes["description"], ("input", "description"), longest=names.MAX_DESCRIPTION
        )
    if "metadata" in changes:
        changes["metadata"] = json.dumps(changes["metadata"])
    try:
        async with in_transaction():
            label = await _locked(id)
            if "name" in changes:
                await _check_free(label.function_id, changes["name"], but=id)
            await label.update_from_dict(changes).save(update_fields=list(changes))
            if "name" in changes or "description" in changes:
                await bump(label.function_id)  # the text encoder reads them
            await record([label])
    except IntegrityError as error:
        raise _taken(changes["name"]) from error
    await training_set_changed(services, label.function_id)
    return label


@deletes
async def delete(
    services: Services,
    id: UUID,
    *,
    move_to: UUID | None = None,
    record: audit.Record = audit.unrecorded,
) -> None:
    """Delete a label; its annotations are deleted too, or moved to another label of the function.

    Raises:
        NotFoundError: The label, or the one to move annotations to, does not exist.
        ConflictError: The annotations would move to the same label, or to another function's.
    """
    async with in_transaction():
        label = await _locked(id)
        number = await number_change(label.function_id)
        grouped = Sample.filter(label_id=id, group_id__isnull=False).distinct()
        groups = [row.group_id for row in await grouped.only("group_id")]
        if move_to is None:
            cleared: dict[str, Any] = {
                "label_id": None,
                "annotation_source": None,
                "annotated_at": None,
                "annotated_by": None,
                "confirmed": False,
                "mistake_score": None,
                "change": number,
            }
            await Sample.filter(label_id=id).update(**cleared)
        else:
            path = ("input", "moveToLabelId")
            target = await get(move_to, path)
            if target.id == id or target.function_id != label.function_id:
                raise ConflictError(
                    "Annotations can only be moved to another label of the same function.",
                    path=path,
                )
            moved: dict[str, Any] = {
                "label_id": move_to,
                "confirmed": False,
                "mistake_score": None,
                "change": number,
            }
            await Sample.filter(label_id=id).update(**moved)
            await DeletedSample.filter(label_id=id).update(label_id=move_to, confirmed=False)
        await grouping.recount(groups)
        unanswered: dict[str, Any] = {"predicted_id": None, "confidence": None}
        await Sample.filter(predicted_id=id).update(**unanswered)
        await Label.filter(id=id).delete()
        if await Label.filter(function_id=label.function_id).count() < functions.FEWEST_LABELS:
            # With fewer than two labels there is no model, no metric and no prediction.
            await Function.filter(id=label.function_id).update(active_model_id=None)
            await Sample.filter(function_id=label.function_id).update(
                **unanswered, mistake_score=None, informativeness=None
            )
        await bump(label.function_id)
        await record([label])
    await training_set_changed(services, label.function_id)


async def named(function: Function, name: str, path: Sequence[str]) -> Label:
    """Return the function's label of this name, created if missing; within a transaction.

    Raises:
        LimitReachedError: It is missing, and the function has the maximum number of labels.
        RequiredError, TooLongError, InvalidError: The name breaks a rule.
    """
    name = names.clean_name(name, path)
    label = await like(function.id, name)
    if label is None:
        await check_room(function.id, path)
        label = await Label.create(function_id=function.id, name=name, name_key=names.key(name))
    return label


async def like(function_id: UUID, name: str, *, but: UUID | None = None) -> Label | None:
    """Return the label of this name, or one that looks alike; None if the function has neither.

    Labels that look alike may date from before these were refused, so equal names come first.
    """
    others = (
        Label.filter(function_id=function_id).exclude(id=but)
        if but
        else Label.filter(function_id=function_id)
    )
    same = await others.get_or_none(name_key=names.key(name))
    if same is not None:
        return same
    wanted = look_alikes.skeleton(name)
    for id, other in await others.order_by("id").values_list("id", "name"):
        if look_alikes.skeleton(str(other)) == wanted:
            return await Label.get(id=id)
    return None


async def _check_free(function_id: UUID, name: str, *, but: UUID | None = None) -> None:
    """Check that no other label has a name or looks like it, in a transaction with the lock.

    Raises:
        TakenError: Another label does.
    """
    other = await like(function_id, name, but=but)
    if other is not None:
        raise _taken(name, other.name)


async def _locked(id: UUID) -> Label:
    """Return a label, and lock its function until the transaction ends."""
    await lock([(await get(id)).function_id])
    return await get(id)


def _taken(name: str, other: str | None = None) -> TakenError:
    if other is not None and names.key(other) != names.key(name):
        message = f"The label {other}, which looks like {name}, already exists in this function."
    else:
        message = f"A label named {name} already exists in this function."
    return TakenError(message, path=("input", "name"))
