"""Encoders, and changes from one to another, as clients see them."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry

from pigeonhole import tables
from pigeonhole.encoders import known
from pigeonhole.kinds import EncoderChangeState
from pigeonhole.services.loaded import LoadedEncoders
from pigeonhole.training import encoder_changes
from server import ids
from server.auth.permissions import READ
from server.transport.costs import Cost


@strawberry.type(
    description="An image encoder that is known to be good, as its makers publish it.",
    directives=READ,
)
class EncoderChoice:
    name: str = strawberry.field(description="Name of the encoder, as `changeEncoder` takes it.")
    licence: str = strawberry.field(description="Licence of the weights.")
    megabytes: int = strawberry.field(description="Size of the weights in megabytes.")
    accuracy: float | None = strawberry.field(
        description="Share of ImageNet that it classifies correctly by names alone, from 0 to 1, "
        "as its makers publish it; null if it is not made for that."
    )
    note: str = strawberry.field(description="What to know before choosing it, as sentences.")
    milliseconds: float | None = strawberry.field(
        description="Time that it takes for one image here, in milliseconds, as the last change "
        "from or to it measured; null if there has been none."
    )
    is_here: bool = strawberry.field(
        description="Whether functions can use it: its weights are on the machine of the server, "
        "or the encoder service has it."
    )

    @classmethod
    async def all(cls, loaded: LoadedEncoders) -> list[Self]:
        speeds = await encoder_changes.speeds()
        return [
            cls(
                name=each.spec,
                licence=each.licence,
                megabytes=each.megabytes,
                accuracy=None if each.accuracy is None else each.accuracy / 100,
                note=each.note,
                milliseconds=speeds.get(each.spec),
                is_here=await loaded.is_here(each.spec),
            )
            for each in known.KNOWN
        ]


@strawberry.type(
    description="Two models, made with two encoders, on the samples held out from both.",
    directives=READ,
)
class EncoderComparison:
    sample_count: int = strawberry.field(description="Number of samples held out from both models.")
    accuracy_before: float | None = strawberry.field(
        description="Accuracy of the model before on these samples; null if there are none."
    )
    accuracy_after: float | None = strawberry.field(
        description="Accuracy of the new model on these samples; null if there are none."
    )
    log_loss_before: float | None = strawberry.field(
        description="Mean log loss of the model before, in nats; null if there are no samples."
    )
    log_loss_after: float | None = strawberry.field(
        description="Mean log loss of the new model, in nats; null if there are no samples."
    )
    gained_count: int = strawberry.field(
        description="Number of these samples on which only the new model is right."
    )
    lost_count: int = strawberry.field(
        description="Number of these samples on which only the model before is right."
    )
    gained_sample_ids: list[strawberry.ID] = strawberry.field(
        description="IDs of up to 50 samples on which only the new model is right."
    )
    lost_sample_ids: list[strawberry.ID] = strawberry.field(
        description="IDs of up to 50 samples on which only the model before is right."
    )
    p_value: float = strawberry.field(
        description="Probability of losing so many samples if the models were equally good "
        "(one-sided McNemar test)."
    )
    worse: bool = strawberry.field(
        description="Whether the new model is worse, by a probability of at most 0.05."
    )
    milliseconds_before: float = strawberry.field(
        description="Time that the encoder before takes for one image, in milliseconds, measured "
        "by the worker while it also did other work."
    )
    milliseconds_after: float = strawberry.field(
        description="Time that the new encoder takes for one image, measured in the same way."
    )

    @classmethod
    def of(cls, told: dict[str, Any] | None) -> Self | None:
        if told is None:
            return None
        return cls(
            sample_count=told["count"],
            accuracy_before=told["accuracy_before"],
            accuracy_after=told["accuracy_after"],
            log_loss_before=told["log_loss_before"],
            log_loss_after=told["log_loss_after"],
            gained_count=told["gained"],
            lost_count=told["lost"],
            gained_sample_ids=_samples(told["gained_samples"]),
            lost_sample_ids=_samples(told["lost_samples"]),
            p_value=told["p_value"],
            worse=told["worse"],
            milliseconds_before=told["ms_before"],
            milliseconds_after=told["ms_after"],
        )


@strawberry.type(
    description="The way of a function from one encoder to another. Until it is switched, the "
    "encoder before answers and trains.",
    directives=READ,
)
class EncoderChange:
    row: strawberry.Private[tables.EncoderChange]
    encoder: str = strawberry.field(description="Encoder that the function is changed to.")
    encoder_before: str = strawberry.field(description="Encoder that the function had before.")
    state: EncoderChangeState = strawberry.field(description="State of the change.")
    switches_by_itself: bool = strawberry.field(
        description="Whether the function is switched as soon as its new model is there and not "
        "worse."
    )
    comparison: EncoderComparison | None = strawberry.field(
        description="How the new model compares with the one before; null until it is fitted, and "
        "if there was none before."
    )
    can_go_back: bool = strawberry.field(
        description="Whether `goBackToEncoder` can undo it: for 7 days after the switch."
    )
    created_at: datetime = strawberry.field(description="When the change was begun.")
    finished_at: datetime | None = strawberry.field(
        description="When the change was switched, stopped or undone; null until then."
    )

    @strawberry.field(
        description="Number of samples of the function that were embedded with the new encoder, "
        "of `Function.sampleCounts.total`.",
        directives=(Cost(points=10),),
    )
    async def embedded_count(self) -> int:
        if self.row.at is None:
            return 0
        samples = tables.Sample.filter(function_id=self.row.function_id, id__lte=self.row.at)
        return await samples.count()

    @classmethod
    def of(cls, row: tables.EncoderChange) -> Self:
        return cls(
            row=row,
            encoder=row.encoder,
            encoder_before=row.encoder_before,
            state=row.state,
            switches_by_itself=row.switches_by_itself,
            comparison=EncoderComparison.of(row.comparison),
            can_go_back=row.state == EncoderChangeState.SWITCHED and row.vectors_kept,
            created_at=row.created_at,
            finished_at=row.finished_at,
        )


def _samples(listed: list[str]) -> list[strawberry.ID]:
    return [ids.encode(ids.Kind.SAMPLE, UUID(id)) for id in listed]
