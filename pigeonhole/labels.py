"""Labels: the answers that a function can give."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from pigeonhole import functions, names
from pigeonhole.errors import ConflictError, LimitReachedError, NotFoundError, TakenError
from pigeonhole.models import Function, Label, Sample
from pigeonhole.revisions import bump, lock, training_set_changed
from pigeonhole.services import Services


async def get(id: UUID, path: Sequence[str] = ("input", "id")) -> Label:
    """A label by its id.

    Raises:
        NotFoundError: There is none.
    """
    label = await Label.get_or_none(id=id)
    if label is None:
        raise NotFoundError("There is no such label.", path=path)
    return label


async def create(
    services: Services,
    function_id: UUID,
    *,
    name: str,
    description: str | None = None,
    metadata: Any = None,
) -> Label:
    """Give a function one more answer.

    Raises:
        NotFoundError: There is no such function.
        TakenError: It has a label of this name.
        LimitReachedError: It has as many labels as a function may have.
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
            label = await Label.create(
                function_id=function_id,
                name=name,
                name_key=names.key(name),
                description=description,
                metadata=json.dumps(metadata),
            )
            await bump(function_id)
    except IntegrityError as error:
        raise _taken(name) from error
    await training_set_changed(services, function_id)
    return label


async def check_room(function_id: UUID, path: Sequence[str], *, more: int = 1) -> None:
    """Whether a function may have more labels.

    Raises:
        LimitReachedError: It may not.
    """
    if await Label.filter(function_id=function_id).count() + more > functions.MAX_LABELS:
        raise LimitReachedError(f"A function has at most {functions.MAX_LABELS} labels.", path=path)


async def update(services: Services, id: UUID, changes: dict[str, Any]) -> Label:
    """Change what ``changes`` names: columns of `Label`.

    Raises:
        NotFoundError: There is no such label.
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
            await label.update_from_dict(changes).save(update_fields=list(changes))
            if "name" in changes or "description" in changes:
                await bump(label.function_id)  # the text encoder reads them
    except IntegrityError as error:
        raise _taken(changes["name"]) from error
    await training_set_changed(services, label.function_id)
    return label


async def delete(services: Services, id: UUID, *, move_to: UUID | None = None) -> None:
    """Take an answer away; its annotations go too, or move to another label of the function.

    Raises:
        NotFoundError: There is no such label, or none to move to.
        ConflictError: The annotations should move to the label itself, or to another function's.
    """
    async with in_transaction():
        label = await _locked(id)
        if move_to is None:
            cleared: dict[str, Any] = {
                "label_id": None,
                "annotation_source": None,
                "annotated_at": None,
                "confirmed": False,
                "mistake_score": None,
            }
            await Sample.filter(label_id=id).update(**cleared)
        else:
            path = ("input", "moveToLabelId")
            target = await get(move_to, path)
            if target.id == id or target.function_id != label.function_id:
                raise ConflictError(
                    "Annotations can move to another label of the same function only.", path=path
                )
            moved: dict[str, Any] = {
                "label_id": move_to,
                "confirmed": False,
                "mistake_score": None,
            }
            await Sample.filter(label_id=id).update(**moved)
        unanswered: dict[str, Any] = {"predicted_id": None, "confidence": None}
        await Sample.filter(predicted_id=id).update(**unanswered)
        await Label.filter(id=id).delete()
        await bump(label.function_id)
    await training_set_changed(services, label.function_id)


async def named(function: Function, name: str, path: Sequence[str]) -> Label:
    """The function's label of this name, made if it is not there; within a transaction.

    Raises:
        LimitReachedError: It is not there, and the function has as many as it may have.
        RequiredError, TooLongError, InvalidError: The name breaks a rule.
    """
    name = names.clean_name(name, path)
    label = await Label.get_or_none(function_id=function.id, name_key=names.key(name))
    if label is None:
        await check_room(function.id, path)
        label = await Label.create(function_id=function.id, name=name, name_key=names.key(name))
    return label


async def _locked(id: UUID) -> Label:
    """A label whose function nobody else writes until the transaction ends."""
    await lock([(await get(id)).function_id])
    return await get(id)


def _taken(name: str) -> TakenError:
    return TakenError(f"The function has a label named {name} already.", path=("input", "name"))
