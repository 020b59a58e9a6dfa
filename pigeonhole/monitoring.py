"""Monitoring: what a function has answered lately, compared with the samples that taught it.

All of it is read from the kept invocations. Databases count them by index, so no row is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import numpy as np

from pigeonhole.classifier.intervals import (
    Estimate,
    difference,
    effective_count,
    held_out_effect,
    wilson,
)
from pigeonhole.errors import InvalidError
from pigeonhole.invocation import KEPT
from pigeonhole.kinds import CaptureReason, Decision, SampleSource
from pigeonhole.services import database
from pigeonhole.services.held_out import HeldOut
from pigeonhole.services.predictors import STRANGE
from pigeonhole.services.services import Services
from pigeonhole.services.spending import Spend, free
from pigeonhole.tables import Function

MOST = 100_000
"""The most invocations that are counted, the newest."""
POINTS_A_THOUSAND = 75
"""Points for each 1,000 invocations that are counted."""
MOST_DAYS_BY_HOUR = 7
"""The most days that are shown by the hour."""


class PeriodLength(StrEnum):
    """Length of a period that invocations are counted in."""

    HOUR = "hour"
    DAY = "day"


@dataclass
class Period:
    """The invocations of an hour or a day (UTC)."""

    start: datetime
    counts: dict[Decision, int]
    mean_confidence: float | None = None
    quantiles: tuple[float, float, float] | None = None  # 10 %, 50 %, 90 % of confidences

    @property
    def count(self) -> int:
        """The number of invocations."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class LabelShare:
    """How often a label was predicted, and its share of the samples that taught the model."""

    label_id: UUID
    share: Estimate
    taught_share: float


@dataclass(frozen=True)
class Drift:
    """Shares of images unlike the function's samples, among invocations and held-out samples."""

    invoked: Estimate
    held_out: Estimate
    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Monitoring:
    """What a function has answered since a time."""

    since: datetime
    periods: Sequence[Period]
    count: int
    none_of_these: Estimate | None
    labels: Sequence[LabelShare]
    drift: Drift | None


@dataclass(frozen=True)
class Captured:
    """Samples captured for one reason; None is one that was not recorded."""

    reason: CaptureReason | None
    count: int
    unannotated: int


async def monitor(
    services: Services,
    function: Function,
    *,
    days: int = KEPT.days,
    length: PeriodLength = PeriodLength.DAY,
    spend: Spend = free,
) -> Monitoring:
    """Return what a function has answered in the last days, today included.

    Raises:
        InvalidError: Invocations are not kept for so many days, or they are too many hours.
    """
    most = KEPT.days if length is PeriodLength.DAY else MOST_DAYS_BY_HOUR
    if not 1 <= days <= most:
        raise InvalidError(f"`days` must be between 1 and {most}.", path=("days",))
    since = _first(days, length)
    newest = _newest(function.id, since, length)
    [found] = await database.connection().execute_query_dict(
        f"SELECT COUNT(*) AS count, MIN(created_at) AS oldest FROM {newest}"
    )
    await spend(POINTS_A_THOUSAND * found["count"] // 1_000)
    if found["count"] == MOST:
        since = max(since, _floor(_time(found["oldest"]), length))
    periods = await _periods(newest, since, length)
    held_out = None
    if function.active_model_id is not None:
        held_out = (await services.predictors.active(function)).held_out
    count = sum(period.count for period in periods)
    strange = sum(period.counts[Decision.NONE_OF_THESE] for period in periods)
    none_of_these = share_of(strange, count)
    return Monitoring(
        since=since,
        periods=periods,
        count=count,
        none_of_these=none_of_these,
        labels=await _labels(newest, held_out),
        drift=_drift(none_of_these, held_out),
    )


async def captured(function_id: UUID) -> list[Captured]:
    """Return how many samples were captured for each reason, most first."""
    rows = await database.connection().execute_query_dict(
        f"SELECT capture_reason AS reason, COUNT(*) AS count, COUNT(label_id) AS annotated "
        f"FROM sample WHERE function_id = '{function_id}' AND source = '{SampleSource.CAPTURE}' "
        f"GROUP BY capture_reason"
    )
    found = [
        Captured(
            row["reason"] and CaptureReason(row["reason"]),
            row["count"],
            row["count"] - row["annotated"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.count, str(one.reason)))


def share_of(hits: int, count: int) -> Estimate | None:
    """Return the share of invocations with its interval; None without one."""
    return replace(wilson(hits / count, count), samples=count) if count else None


def _drift(invoked: Estimate | None, held_out: HeldOut | None) -> Drift | None:
    """Return how much more often invocations are unlike the samples than these among themselves."""
    if invoked is None or held_out is None or not len(held_out.strangeness):
        return None
    whole = effective_count(held_out.sizes)
    share = float((held_out.strangeness <= STRANGE).mean())
    own = wilson(share, whole / held_out_effect(whole))
    own = replace(own, samples=len(held_out.strangeness))
    if invoked.too_early or own.too_early:
        return None
    return Drift(invoked, own, *difference(invoked, own))


def _first(days: int, length: PeriodLength) -> datetime:
    """Return the start of the first period."""
    now = datetime.now(UTC)
    if length is PeriodLength.DAY:
        return _floor(now, length) - timedelta(days=days - 1)
    return _floor(now, length) - timedelta(hours=24 * days - 1)


def _floor(time: datetime, length: PeriodLength) -> datetime:
    hour = time.replace(minute=0, second=0, microsecond=0)
    return hour if length is PeriodLength.HOUR else hour.replace(hour=0)


def _time(stored: datetime | str) -> datetime:
    """Return a time that a database has returned as it stores it."""
    return datetime.fromisoformat(stored) if isinstance(stored, str) else stored


def _newest(function_id: UUID, since: datetime, length: PeriodLength) -> str:
    """Return SQL for the newest invocations since a time, with the first characters of theirs."""
    characters = 10 if length is PeriodLength.DAY else 13
    period = f"substr(created_at, 1, {characters})"
    if database.connection().capabilities.dialect == "postgres":
        pattern = "YYYY-MM-DD HH24"[: {10: 10, 13: 15}[characters]]
        period = f"to_char(created_at AT TIME ZONE 'UTC', '{pattern}')"
    return (
        f"(SELECT {period} AS period, created_at, decision, label_id, confidence FROM invocation "
        f"WHERE function_id = '{function_id}' AND created_at >= '{since:%Y-%m-%d %H:%M:%S+00:00}' "
        f"ORDER BY created_at DESC LIMIT {MOST}) AS newest"
    )


async def _periods(newest: str, since: datetime, length: PeriodLength) -> list[Period]:
    """Return all periods from a time until now, oldest first, those without invocations too."""
    step = timedelta(days=1) if length is PeriodLength.DAY else timedelta(hours=1)
    written = "%Y-%m-%d" if length is PeriodLength.DAY else "%Y-%m-%d %H"
    periods: dict[str, Period] = {}
    start = since
    while start <= datetime.now(UTC):
        periods[start.strftime(written)] = Period(start, dict.fromkeys(Decision, 0))
        start += step
    counts = await database.connection().execute_query_dict(
        f"SELECT period, decision, COUNT(*) AS count, SUM(confidence) AS sum, "
        f"COUNT(confidence) AS confidences FROM {newest} GROUP BY period, decision"
    )
    sums: dict[str, tuple[float, int]] = {}
    for row in counts:
        if row["period"] in periods:  # and not of an hour that has begun meanwhile
            periods[row["period"]].counts[Decision(row["decision"])] = row["count"]
            total, count = sums.get(row["period"], (0.0, 0))
            sums[row["period"]] = (total + (row["sum"] or 0.0), count + row["confidences"])
    for key, (total, count) in sums.items():
        periods[key].mean_confidence = total / count if count else None
    quantiles = await database.connection().execute_query_dict(
        f"SELECT period, "
        f"MAX(CASE WHEN place = (many + 9) / 10 THEN confidence END) AS low, "
        f"MAX(CASE WHEN place = (many + 1) / 2 THEN confidence END) AS middle, "
        f"MAX(CASE WHEN place = (9 * many + 9) / 10 THEN confidence END) AS high "
        f"FROM (SELECT period, confidence, COUNT(*) OVER (PARTITION BY period) AS many, "
        f"ROW_NUMBER() OVER (PARTITION BY period ORDER BY confidence) AS place "
        f"FROM {newest} WHERE confidence IS NOT NULL) AS placed GROUP BY period"
    )
    for row in quantiles:
        if row["period"] in periods:
            periods[row["period"]].quantiles = (row["low"], row["middle"], row["high"])
    return list(periods.values())


async def _labels(newest: str, held_out: HeldOut | None) -> list[LabelShare]:
    """Return the labels that were predicted or taught, the most predicted first."""
    rows = await database.connection().execute_query_dict(
        f"SELECT label_id, COUNT(*) AS count FROM {newest} "
        f"WHERE label_id IS NOT NULL GROUP BY label_id"
    )
    counts = {UUID(str(row["label_id"])): row["count"] for row in rows}
    taught: dict[UUID, float] = {}
    if held_out is not None and len(held_out.truth):
        shares = np.bincount(held_out.truth, minlength=len(held_out.labels)) / len(held_out.truth)
        taught = dict(zip(held_out.labels, shares.tolist(), strict=True))
    total = sum(counts.values())
    return [
        LabelShare(label, share, taught.get(label, 0.0))
        for label in sorted(counts | taught, key=lambda id: (-counts.get(id, 0), id))
        if (share := share_of(counts.get(label, 0), total)) is not None
    ]
