"""A trained function, and the rows around it that mutations change."""

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pigeonhole.kinds import (
    AnnotationSource,
    Decision,
    EncoderChangeState,
    TrainingState,
)
from pigeonhole.samples import trash
from pigeonhole.services.services import Services
from pigeonhole.tables import (
    EncoderChange,
    Function,
    Invocation,
    Label,
    Model,
    Sample,
    TrainingRun,
    Webhook,
)
from server import ids
from server.ids import Kind
from tests import build, make
from tests.client import inline

Input = dict[str, Any]


@dataclass
class Ground:
    """A trained function, with the other rows that mutations need."""

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
        """Return a name that is not in use."""
        return f"name {next(self.numbers)}"

    async def sample(self, **columns: Any) -> Sample:
        """Create a sample, as a row without a picture."""
        return await Sample.create(
            function_id=self.function.id, sha256=f"{next(self.numbers):064x}",
            media_type="image/png", width=1, height=1, byte_size=1, **columns,
        )  # fmt: skip

    async def annotated(self) -> Sample:
        """Create a sample with an annotation."""
        return await self.sample(label_id=self.label.id, annotation_source=AnnotationSource.PERSON)

    async def accepted(self) -> datetime:
        """Create a sample with an accepted prediction, and return when it was accepted."""
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(self.numbers))
        await self.sample(
            label_id=self.label.id, annotation_source=AnnotationSource.ACCEPTED, annotated_at=at
        )
        return at

    async def invocation(self) -> Invocation:
        """Create an invocation with a stored picture."""
        sha256 = f"{next(self.numbers):064x}"
        await self.services.storage.put(sha256, make.picture(next(self.numbers)))
        return await Invocation.create(
            function_id=self.function.id, model_id=self.model.id, sha256=sha256,
            media_type="image/png", width=1, height=1, byte_size=1, decision=Decision.REVIEW,
            ranking=[[str(self.label.id), 1.0]], model_time_ms=1.0,
        )  # fmt: skip

    def picture(self) -> Input:
        return inline(make.picture(next(self.numbers)))


async def prepare(services: Services, run_jobs: Callable[[], Awaitable[int]]) -> Ground:
    """Train a function, and return it with what mutations need."""
    function = await build.function(services)
    await build.add_digits(services, function, 3)
    await run_jobs()
    model = await build.active_model(function)
    return Ground(services, function, model, await build.label(function, "0"))


def id_of(kind: Kind, row: Any) -> str:
    return ids.encode(kind, row.id)


async def new_function(ground: Ground) -> Function:
    name = ground.name()
    return await Function.create(name=name, name_key=name, encoder=ground.function.encoder)


async def new_label(ground: Ground) -> Label:
    name = ground.name()
    return await Label.create(function_id=ground.function.id, name=name, name_key=name)


async def running(ground: Ground) -> TrainingRun:
    return await TrainingRun.create(
        function_id=ground.function.id, replaces=next(ground.numbers), state=TrainingState.RUNNING
    )


async def deleted(ground: Ground) -> str:
    [row] = await trash.delete(ground.services, [(await ground.annotated()).id])
    return id_of(Kind.DELETED_SAMPLE, row)


async def changing(ground: Ground, state: EncoderChangeState) -> Input:
    function, encoder = await new_function(ground), ground.services.settings.encoder
    await EncoderChange.create(
        function_id=function.id, encoder=encoder, encoder_before=encoder, state=state
    )
    return {"functionId": id_of(Kind.FUNCTION, function)}


HOOK = "https://hooks.example/"


async def new_webhook(ground: Ground) -> Webhook:
    return await Webhook.create(url=HOOK, events=["model.activated"], secret="whsec_")
