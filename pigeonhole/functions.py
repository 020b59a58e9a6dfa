"""Functions: classifiers that their owners teach by example."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from pigeonhole import events, names
from pigeonhole.encoding import chosen_encoder
from pigeonhole.errors import (
    InvalidError,
    LimitReachedError,
    NotFoundError,
    TakenError,
    TooLongError,
)
from pigeonhole.models import (
    Function,
    FunctionVisibility,
    Invocation,
    Label,
    Sample,
    SampleSource,
    TrainingRun,
    TrainingState,
)
from pigeonhole.pictures import forget
from pigeonhole.revisions import lock, training_set_changed
from pigeonhole.services import Services

FEWEST_LABELS = 2
"""Labels that a function is trained on."""
MAX_LABELS = 1_000
"""Labels of one function."""


class FunctionState(StrEnum):
    """How far a function is."""

    COLLECTING = "collecting"
    TRAINING = "training"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Readiness:
    """Whether a run can start, and what is missing, for a person."""

    missing: tuple[str, ...]

    @property
    def trainable(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


@dataclass(frozen=True)
class SampleCounts:
    """How samples of a function divide."""

    total: int
    annotated: int
    embedded: int
    in_review: int


async def get(id: UUID, path: Sequence[str] = ("input", "functionId")) -> Function:
    """A function by its id.

    Raises:
        NotFoundError: There is none.
    """
    function = await Function.get_or_none(id=id)
    if function is None:
        raise NotFoundError("There is no such function.", path=path)
    return function


async def create(
    services: Services,
    *,
    name: str,
    description: str | None = None,
    visibility: FunctionVisibility = FunctionVisibility.PRIVATE,
    auto_train: bool = True,
    labels: Sequence[str] = (),
) -> Function:
    """Make a function, with its labels or without.

    Raises:
        TakenError: The name is another function's, or a label is named twice.
        LimitReachedError: There are as many functions as there may be.
        RequiredError, TooLongError, InvalidError: A name breaks a rule.
    """
    name = names.clean_name(name, ("input", "name"))
    description = names.clean_text(
        description, ("input", "description"), longest=names.MAX_DESCRIPTION
    )
    if len(labels) > MAX_LABELS:
        raise TooLongError(f"At most {MAX_LABELS} labels.", path=("input", "labels"))
    cleaned: dict[str, str] = {}
    for index, label in enumerate(labels):
        path = ("input", "labels", str(index))
        label = names.clean_name(label, path)
        if names.key(label) in cleaned:
            raise TakenError(f"The label {label} is named twice.", path=path)
        cleaned[names.key(label)] = label
    encoder = await chosen_encoder(services.settings)
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
                    Label(function_id=function.id, name=label, name_key=key)
                    for key, label in cleaned.items()
                ]
            )
    except IntegrityError as error:
        raise _taken(name) from error
    await training_set_changed(services, function.id)
    return function


async def update(services: Services, id: UUID, changes: dict[str, Any]) -> Function:
    """Change what ``changes`` names: columns of `Function` that its owner may set.

    Raises:
        NotFoundError: There is no such function.
        TakenError: The name is another function's.
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
    ):
        if not 0 <= changes.get(column, 0) <= 1:
            raise InvalidError("A rate is between 0 and 1.", path=path)
    if changes.get("capture_daily_limit", 0) < 0:
        raise InvalidError("A limit is not negative.", path=("input", "capture", "dailyLimit"))
    await get(id, ("input", "id"))
    try:
        await Function.filter(id=id).update(updated_at=datetime.now(UTC), **changes)
    except IntegrityError as error:
        raise _taken(changes["name"]) from error
    if changes.get("auto_train"):  # what changed meanwhile is owed now
        await training_set_changed(services, id)
    else:
        await events.publish(services.broadcast, id)
    return await get(id, ("input", "id"))


async def delete(services: Services, id: UUID) -> None:
    """Remove a function with its labels, samples, annotations, models and invocations.

    Raises:
        NotFoundError: There is no such function.
    """
    async with in_transaction():
        await lock([id])
        await get(id, ("input", "id"))
        pictures = {
            row.sha256
            for table in (Sample, Invocation)
            for row in await table.filter(function_id=id).only("sha256")
        }
        await Function.filter(id=id).delete()
        await forget(pictures)
    await events.publish(services.broadcast, id)


async def readiness(function: Function) -> Readiness:
    """What a function still needs before it can be trained: names of labels are enough."""
    count = await Label.filter(function_id=function.id).count()
    return Readiness(() if count >= FEWEST_LABELS else ("Name at least two labels.",))


async def state(function: Function) -> FunctionState:
    """How far a function is."""
    if function.active_model_id is not None:
        return FunctionState.READY
    run = await TrainingRun.filter(function_id=function.id).order_by("-id").first()
    if run is not None and run.state == TrainingState.FAILED:
        return FunctionState.FAILED
    owed = function.auto_train and function.trained_revision < function.revision
    started = run is not None and run.state in (TrainingState.QUEUED, TrainingState.RUNNING)
    trainable = (await readiness(function)).trainable
    return FunctionState.TRAINING if trainable and (owed or started) else FunctionState.COLLECTING


async def sample_counts(id: UUID) -> SampleCounts:
    """How samples of a function divide."""
    samples = Sample.filter(function_id=id)
    return SampleCounts(
        total=await samples.count(),
        annotated=await samples.filter(label_id__isnull=False).count(),
        embedded=await samples.filter(embedded=True).count(),
        in_review=await samples.filter(source=SampleSource.CAPTURE, label_id=None).count(),
    )


async def _check_room(services: Services) -> None:
    most = services.settings.max_functions
    if await Function.all().count() >= most:
        raise LimitReachedError(f"There are {most} functions; no more are allowed.")


def _taken(name: str) -> TakenError:
    return TakenError(f"There is a function named {name} already.", path=("input", "name"))
