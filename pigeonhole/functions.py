"""Functions: image classifiers that their owners train by examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from pigeonhole import look_alikes, names
from pigeonhole.access import audit
from pigeonhole.errors import (
    InvalidError,
    LimitReachedError,
    NotFoundError,
    TakenError,
    TooLongError,
)
from pigeonhole.kinds import FunctionVisibility, SampleSource, TrainingState
from pigeonhole.revisions import bump, lock, training_set_changed
from pigeonhole.services import events
from pigeonhole.services.choices import encoder_of_new_functions
from pigeonhole.services.deletions import deletes
from pigeonhole.services.orphans import forget
from pigeonhole.services.services import Services
from pigeonhole.tables import DeletedSample, Function, Invocation, Label, Sample, TrainingRun
from pigeonhole.tables.teaching import ANNOTATED

FEWEST_LABELS = 2
"""Fewest labels that a function can be trained on."""
MAX_LABELS = 1_000
"""Most labels of one function."""


class FunctionState(StrEnum):
    """Lifecycle state of a function."""

    COLLECTING = "collecting"
    TRAINING = "training"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Readiness:
    """Whether a training run can start, and what is missing, in words."""

    missing: tuple[str, ...]

    @property
    def trainable(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


@dataclass(frozen=True)
class SampleCounts:
    """Counts of the samples of a function."""

    total: int
    annotated: int
    embedded: int
    in_review: int


async def get(id: UUID, path: Sequence[str] = ("input", "functionId")) -> Function:
    """Return a function by its ID.

    Raises:
        NotFoundError: The function does not exist.
    """
    function = await Function.get_or_none(id=id)
    if function is None:
        raise NotFoundError("Function not found.", path=path)
    return function


async def create(
    services: Services,
    *,
    name: str,
    description: str | None = None,
    visibility: FunctionVisibility = FunctionVisibility.PRIVATE,
    auto_train: bool = True,
    labels: Sequence[str] = (),
    record: audit.Record = audit.unrecorded,
) -> Function:
    """Create a function, with or without labels.

    Raises:
        TakenError: Another function has the name, or a label is named twice.
        LimitReachedError: The limit on functions is reached.
        RequiredError, TooLongError, InvalidError: A name breaks a rule.
    """
    name = names.clean_name(name, ("input", "name"))
    description = names.clean_text(
        description, ("input", "description"), longest=names.MAX_DESCRIPTION
    )
    if len(labels) > MAX_LABELS:
        raise TooLongError(
            f"A function can have at most {MAX_LABELS} labels.", path=("input", "labels")
        )
    cleaned: dict[str, str] = {}
    for index, label in enumerate(labels):
        path = ("input", "labels", str(index))
        label = names.clean_name(label, path)
        same = cleaned.setdefault(look_alikes.skeleton(label), label)
        if same is not label:
            raise TakenError(f"The list has two labels that look alike: {label}.", path=path)
    encoder = await encoder_of_new_functions(services.settings)
    try:
        async with in_transaction():
            await _check_room(services)
            function = await Function.create(
                name=name,
                name_key=names.key(name),
                description=description,
                visibility=visibility,
                auto_train=auto_train,
                encoder=encoder,
                revision=1 if cleaned else 0,
            )
            await Label.bulk_create(
                [
                    Label(function_id=function.id, name=label, name_key=names.key(label))
                    for label in cleaned.values()
                ]
            )
            await record([function])
    except IntegrityError as error:
        raise _taken(name) from error
    await training_set_changed(services, function.id)
    return function


async def update(
    services: Services,
    id: UUID,
    changes: dict[str, Any],
    *,
    record: audit.Record = audit.unrecorded,
) -> Function:
    """Update the columns in ``changes``, which a function's owner may change.

    Raises:
        NotFoundError: Function not found.
        TakenError: Another function has the name.
        RequiredError, TooLongError, InvalidError: A value breaks a rule.
    """
    if "name" in changes:
        changes["name"] = names.clean_name(changes["name"], ("input", "name"))
        changes["name_key"] = names.key(changes["name"])
    if "description" in changes:
        changes["description"] = names.clean_text(
            changes["description"], ("input", "description"), longest=names.MAX_DESCRIPTION
        )
    for column, path in (
        ("max_error_rate", ("input", "maxErrorRate")),
        ("capture_below", ("input", "capture", "below")),
        ("capture_random_share", ("input", "capture", "randomShare")),
    ):
        if not 0 <= changes.get(column, 0) <= 1:
            raise InvalidError("Rate must be between 0 and 1.", path=path)
    for column, path in (
        ("capture_daily_limit", ("input", "capture", "dailyLimit")),
        ("capture_rare_below", ("input", "capture", "rareBelow")),
    ):
        if changes.get(column, 0) < 0:
            raise InvalidError("Limit must not be negative.", path=path)
    try:
        async with in_transaction():
            await lock([id])
            function = await get(id, ("input", "id"))
            await Function.filter(id=id).update(updated_at=datetime.now(UTC), **changes)
            if changes.get("learns_from_unlabelled", function.learns_from_unlabelled) != (
                function.learns_from_unlabelled
            ):
                await bump(id)
            await record([function])
    except IntegrityError as error:
        raise _taken(changes["name"]) from error
    if changes.get("auto_train") or "learns_from_unlabelled" in changes:  # owed now
        await training_set_changed(services, id)
    else:
        await events.publish(services.broadcast, id)
    return await get(id, ("input", "id"))


@deletes
async def delete(services: Services, id: UUID, *, record: audit.Record = audit.unrecorded) -> None:
    """Delete a function with its labels, samples, annotations, models and invocations.

    Raises:
        NotFoundError: Function not found.
    """
    async with in_transaction():
        await lock([id])
        function = await get(id, ("input", "id"))
        pictures = {
            row.sha256
            for table in (Sample, DeletedSample, Invocation)
            for row in await table.filter(function_id=id).only("sha256")
        }
        await Function.filter(id=id).delete()
        await forget(pictures)
        await record([function])
    await events.publish(services.broadcast, id)


async def readiness(function: Function) -> Readiness:
    """Return what a function needs before it can be trained; two labels without samples suffice."""
    count = await Label.filter(function_id=function.id).count()
    return Readiness(() if count >= FEWEST_LABELS else ("At least two labels are required.",))


async def state(function: Function) -> FunctionState:
    """Return the lifecycle state of a function."""
    if function.active_model_id is not None:
        return FunctionState.READY
    run = await TrainingRun.filter(function_id=function.id).order_by("-replaces").first()
    if run is not None and run.state == TrainingState.FAILED:
        return FunctionState.FAILED
    owed = function.auto_train and function.trained_revision < function.revision
    started = run is not None and run.state in (TrainingState.QUEUED, TrainingState.RUNNING)
    trainable = (await readiness(function)).trainable
    return FunctionState.TRAINING if trainable and (owed or started) else FunctionState.COLLECTING


async def sample_counts(id: UUID) -> SampleCounts:
    """Return the counts of the samples of a function."""
    samples = Sample.filter(function_id=id)
    return SampleCounts(
        total=await samples.count(),
        annotated=await samples.filter(ANNOTATED).count(),
        embedded=await samples.filter(embedded=True).count(),
        in_review=await samples.filter(source=SampleSource.CAPTURE, label_id=None).count(),
    )


async def _check_room(services: Services) -> None:
    most = services.settings.max_functions
    if await Function.all().count() >= most:
        raise LimitReachedError(f"Limit of {most} functions reached. Delete one first.")


def _taken(name: str) -> TakenError:
    return TakenError(f"A function named {name} already exists.", path=("input", "name"))
