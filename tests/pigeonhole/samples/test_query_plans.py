"""Queries of lists and of work that is owed read what they return, and not all samples."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tortoise.queryset import QuerySet

from pigeonhole import monitoring, paging
from pigeonhole.kinds import AnnotationSource, CaptureReason, SampleSource
from pigeonhole.samples import listing
from pigeonhole.services import database
from pigeonhole.services.services import Services
from pigeonhole.tables import Sample
from pigeonhole.tables.teaching import TEACHES
from pigeonhole.training.near_duplicates import uncompared
from tests import build, make

RATES = ("confidence", "informativeness", "mistake_score")


@pytest.mark.parametrize("kind", ["embedded"])
async def test_pages_by_a_rate_start_in_an_index_that_has_their_order(
    services: Services, kind: str
) -> None:
    function = await build.function(services)

    for annotated in (None, False):
        samples = listing.listed(function.id, listing.Conditions(annotated=annotated))
        for field in RATES if annotated is None else RATES[:1]:
            for sign in ("", "-"):
                parts = listing.ordered(field, bool(sign)).parts
                assert parts is not None
                rated = samples.filter(parts[0]).order_by(f"{sign}{field}", f"{sign}id")
                found = await plan(rated)
                assert f"{field}>?" in found
                assert annotated is None or "label_id=?" in found
                assert "TEMP B-TREE" not in found


@pytest.mark.parametrize("kind", ["embedded"])
@pytest.mark.parametrize(
    "conditions",
    [
        listing.Conditions(source=SampleSource.CAPTURE),
        listing.Conditions(capture_reasons=[CaptureReason.STRANGE]),
        listing.Conditions(annotation_sources=[AnnotationSource.FEEDBACK]),
        listing.Conditions(created_at=(datetime(2026, 1, 1, tzinfo=UTC), None)),
    ],
)
async def test_a_filter_in_the_order_of_confidence_reads_an_index_and_no_rows(
    services: Services, conditions: listing.Conditions
) -> None:
    function = await build.function(services)
    parts = listing.ordered("confidence", False).parts
    assert parts is not None

    rated = listing.listed(function.id, conditions).filter(parts[0])
    found = await plan(rated.order_by("confidence", "id").only("id"))

    assert "USING COVERING INDEX" in found
    assert "(function_id=? AND confidence>?)" in found
    assert "TEMP B-TREE" not in found


@pytest.mark.parametrize("kind", ["embedded"])
async def test_the_review_queue_and_monitoring_are_read_from_indexes(services: Services) -> None:
    function = await build.function(services)
    since = function.created_at
    waiting = listing.Conditions(
        source=SampleSource.CAPTURE, annotated=False, capture_reasons=[CaptureReason.STRANGE]
    )
    parts = listing.ordered("confidence", False).parts
    assert parts is not None

    rated = listing.listed(function.id, waiting).filter(parts[0])
    queue = await plan(rated.order_by("confidence", "id"))
    newest = monitoring._newest(function.id, since, monitoring.PeriodLength.DAY)
    _, rows = await database.connection().execute_query(
        f"EXPLAIN QUERY PLAN SELECT period, decision, COUNT(*) FROM {newest} GROUP BY 1, 2"
    )

    assert "source=? AND label_id=? AND confidence>?" in queue
    assert "TEMP B-TREE" not in queue
    assert "USING COVERING INDEX" in rows[1]["detail"]
    assert "function_id=? AND created_at>?" in rows[1]["detail"]


@pytest.mark.parametrize("kind", ["embedded"])
async def test_what_a_click_reads_is_found_by_an_index_and_not_among_all_samples(
    services: Services, kind: str
) -> None:
    function = await build.function(services)
    mine = Sample.filter(function_id=function.id)

    taught = await plan(mine.filter(TEACHES).order_by("id"))
    embedded = await plan(mine.filter(TEACHES, embedded=True))
    ranked = await plan(mine.filter(informativeness__gte=0.0))
    captured = await plan(mine.filter(source=SampleSource.CAPTURE, label_id=None))
    waiting = await plan(uncompared(function.id).limit(64))

    assert "label_id>?" in taught
    assert "label_id>?" in embedded
    assert "informativeness>?" in ranked
    assert "source=? AND label_id=?" in captured
    assert "grouped=? AND embedded=?" in waiting
    assert "TEMP B-TREE" not in waiting


async def plan(query: QuerySet[Sample]) -> str:
    """Return how SQLite carries out a query."""
    return "\n".join(row["detail"] for row in await query.explain())


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", RATES)
async def test_pages_by_a_rate_go_on_from_samples_with_one_to_those_without(
    services: Services, field: str, descending: bool
) -> None:
    function = await build.function(services)
    rows = await build.add(services, function, [make.picture(seed, side=16) for seed in range(7)])
    for row, rate in zip(rows[1:5], (0.5, 0.0, 1.0, 0.5), strict=True):
        await Sample.filter(id=row.id).update(**{field: rate})
    by_id = [row.id for row in rows]
    rated = [by_id[2], by_id[1], by_id[4], by_id[3]]
    others = [by_id[0], by_id[5], by_id[6]]
    expected = [*reversed(rated), *reversed(others)] if descending else [*rated, *others]
    query = listing.listed(function.id, listing.Conditions())
    order = listing.ordered(field, descending)

    async def ids(**window: Any) -> tuple[list[Any], paging.Page[Sample]]:
        page = await paging.read(query, paging.Window(**window), order)
        return [row.id for row in page.rows], page

    whole, page = await ids(first=100)
    assert whole == expected
    assert (page.has_next, page.has_previous) == (False, False)
    for place, cursor in enumerate(page.cursors):
        assert (await ids(first=3, after=cursor))[0] == expected[place + 1 : place + 4]
        assert (await ids(last=3, before=cursor))[0] == expected[max(0, place - 3) : place]
        between = await ids(first=3, after=page.cursors[0], before=cursor)
        assert between[0] == expected[1:place][:3]
    for skip in range(9):
        found, part = await ids(first=2, skip=skip)
        assert found == expected[skip : skip + 2]
        assert part.has_next == (skip + 2 < 7)
    assert (await ids(last=4))[0] == expected[3:]
