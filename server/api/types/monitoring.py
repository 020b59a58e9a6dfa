"""Monitoring as clients see it."""

from dataclasses import asdict
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from pigeonhole import monitoring
from pigeonhole.classifier import intervals
from pigeonhole.kinds import CaptureReason, Decision
from server.api.context import Info
from server.api.types.label import Label
from server.api.types.shared import Estimate, maybe
from server.auth.permissions import READ
from server.transport.costs import Cost

PERIODS_A_POINT = 10
"""Periods that a point pays for."""


@strawberry.type(
    description="Confidences of predictions at three quantiles, each that of an invocation.",
    directives=READ,
)
class ConfidenceQuantiles:
    low: float = strawberry.field(description="10% of the confidences are at most this.")
    median: float = strawberry.field(description="Half of the confidences are at most this.")
    high: float = strawberry.field(description="90% of the confidences are at most this.")

    @classmethod
    def of(cls, found: tuple[float, float, float]) -> Self:
        low, median, high = found
        return cls(low=low, median=median, high=high)


@strawberry.type(description="Invocations of one hour or day.", directives=READ)
class MonitoringPeriod:
    start: datetime = strawberry.field(description="Start of the period.")
    count: int = strawberry.field(description="Number of invocations.")
    accept_count: int = strawberry.field(
        description="Number of predictions with the decision `ACCEPT`."
    )
    review_count: int = strawberry.field(
        description="Number of predictions with the decision `REVIEW`."
    )
    none_of_these_count: int = strawberry.field(
        description="Number of predictions with the decision `NONE_OF_THESE`."
    )
    none_of_these: Estimate | None = strawberry.field(
        description="Share of predictions with the decision `NONE_OF_THESE`; null without "
        "invocations."
    )
    mean_confidence: float | None = strawberry.field(
        description="Mean confidence, from 0 to 1; null without invocations."
    )
    confidence: ConfidenceQuantiles | None = strawberry.field(
        description="Quantiles of the confidences; null without invocations."
    )

    @classmethod
    def of(cls, found: monitoring.Period) -> Self:
        return cls(
            start=found.start,
            count=found.count,
            accept_count=found.counts[Decision.ACCEPT],
            review_count=found.counts[Decision.REVIEW],
            none_of_these_count=found.counts[Decision.NONE_OF_THESE],
            none_of_these=_share(
                monitoring.share_of(found.counts[Decision.NONE_OF_THESE], found.count)
            ),
            mean_confidence=found.mean_confidence,
            confidence=maybe(ConfidenceQuantiles.of, found.quantiles),
        )


@strawberry.type(
    description="How often a label was predicted, compared with the samples that taught the model.",
    directives=READ,
)
class PredictedLabel:
    label_id: strawberry.Private[UUID]
    share: Estimate = strawberry.field(
        description="Share of invocations with the label as prediction."
    )
    taught_share: float = strawberry.field(
        description="Share of the label among the samples that taught the active model, from 0 "
        "to 1. It is what was chosen to annotate, so a difference is no drift by itself."
    )

    @strawberry.field(
        description="The label; null if it has been deleted.", directives=(Cost(points=3),)
    )
    async def label(self, info: Info) -> Label | None:
        return maybe(Label.of, await info.context.loaders.labels.load(self.label_id))


@strawberry.type(
    description="How much more often images of invocations are unlike all samples than held-out "
    "samples are: the difference of the shares with the decision `NONE_OF_THESE`, which is about "
    "5% of held-out samples. Invocations are taken as independent, so many of one scene count as "
    "more than they say.",
    directives=READ,
)
class Drift:
    invoked: Estimate = strawberry.field(description="The share among invocations.")
    held_out: Estimate = strawberry.field(
        description="The share among the held-out samples of the active model."
    )
    difference: float = strawberry.field(
        description="The share among invocations minus that among held-out samples."
    )
    lower: float = strawberry.field(
        description="Lower end of the 95% confidence interval of the difference."
    )
    upper: float = strawberry.field(
        description="Upper end of the 95% confidence interval of the difference."
    )
    detected: bool = strawberry.field(
        description="Whether the interval is above 0: images differ from the samples by more "
        "than chance explains."
    )

    @classmethod
    def of(cls, found: monitoring.Drift) -> Self:
        invoked, held_out = Estimate.of(asdict(found.invoked)), Estimate.of(asdict(found.held_out))
        assert invoked is not None
        assert held_out is not None
        return cls(
            invoked=invoked,
            held_out=held_out,
            difference=found.value,
            lower=found.lower,
            upper=found.upper,
            detected=found.lower > 0,
        )


@strawberry.type(description="Samples captured from invocations for one reason.", directives=READ)
class CaptureCount:
    reason: CaptureReason | None = strawberry.field(
        description="Why they were kept; null if it was not recorded at the time."
    )
    count: int = strawberry.field(description="Number of these samples.")
    unannotated_count: int = strawberry.field(
        description="Number of these samples without an annotation, which are to be reviewed."
    )


@strawberry.type(description="What a function has answered in the last days.", directives=READ)
class Monitoring:
    function_id: strawberry.Private[UUID]
    since: datetime = strawberry.field(
        description="Start of the first period. If there were more than 100,000 invocations, that "
        "of the oldest one counted."
    )
    count: int = strawberry.field(description="Number of invocations.")
    periods: list[MonitoringPeriod] = strawberry.field(
        description="The periods, oldest first, those without invocations too."
    )
    none_of_these: Estimate | None = strawberry.field(
        description="Share of predictions with the decision `NONE_OF_THESE`; null without "
        "invocations."
    )
    drift: Drift | None = strawberry.field(
        description="How far images differ from the samples; null while there are fewer than ten "
        "invocations or held-out samples."
    )
    shares: strawberry.Private[list[monitoring.LabelShare]]

    @strawberry.field(
        description="Labels that were predicted or taught, the most predicted first; empty "
        "without invocations. Of more than 10 labels, each costs a further point.",
        directives=(Cost(points=3),),
    )
    async def labels(self, info: Info) -> list[PredictedLabel]:
        await info.context.pay_for_entries(len(self.shares), 1)
        return [
            PredictedLabel(label_id=one.label_id, share=share, taught_share=one.taught_share)
            for one in self.shares
            if (share := _share(one.share)) is not None
        ]

    @strawberry.field(
        description="Numbers of samples captured from invocations, of all time, by reason; most "
        "first.",
        directives=(Cost(points=16),),
    )
    async def captures(self) -> list[CaptureCount]:
        return [
            CaptureCount(reason=one.reason, count=one.count, unannotated_count=one.unannotated)
            for one in await monitoring.captured(self.function_id)
        ]

    @classmethod
    def of(cls, function_id: UUID, found: monitoring.Monitoring) -> Self:
        return cls(
            function_id=function_id,
            since=found.since,
            count=found.count,
            periods=[MonitoringPeriod.of(period) for period in found.periods],
            none_of_these=_share(found.none_of_these),
            drift=maybe(Drift.of, found.drift),
            shares=list(found.labels),
        )


def _share(found: intervals.Estimate | None) -> Estimate | None:
    return Estimate.of(None if found is None else asdict(found))
