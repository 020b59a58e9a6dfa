"""Pictures of invocations are limited in bytes, and deleted however many there are."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from pigeonhole import invocation
from pigeonhole.kinds import Decision, FunctionVisibility
from pigeonhole.services import orphans
from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from pigeonhole.tables import Function, Invocation, Model, Orphan
from tests import make
from tests.client import Client

RAW = {"Content-Type": "image/png"}


async def _asked(function: Function, sizes: list[tuple[str, int]], **given: Any) -> list[UUID]:
    """Create invocations of pictures with given names and sizes, oldest first; return their IDs."""
    model = await Model.filter(function_id=function.id).first()
    assert model is not None
    rows = [
        Invocation(
            function_id=function.id,
            model_id=model.id,
            sha256=name * 64,
            media_type="image/png",
            width=1,
            height=1,
            byte_size=size,
            ranking=[],
            decision=Decision.ACCEPT,
            model_time_ms=1.0,
            **given,
        )
        for name, size in sizes
    ]
    await Invocation.bulk_create(rows)
    return [row.id for row in rows]


async def test_the_oldest_invocations_are_deleted_if_pictures_have_too_many_bytes(
    function: Function,
) -> None:
    made = await _asked(function, [("a", 500), ("b", 400), ("c", 300), ("d", 200)])

    assert await invocation.sweep(1_400) == 0
    assert await invocation.sweep(1_399) == 1
    assert await invocation.sweep(500) == 1

    kept = await Invocation.all().order_by("id").values_list("id", flat=True)
    assert kept == made[2:]
    assert sorted(row.sha256[0] for row in await Orphan.all()) == ["a", "b"]


async def test_a_picture_of_several_invocations_is_counted_once(function: Function) -> None:
    await _asked(function, [("a", 500)] * 3 + [("b", 400)])

    assert await invocation.sweep(900) == 0
    assert await invocation.sweep(899) == 3
    assert [row.sha256[0] for row in await Orphan.all()] == ["a"]


async def test_one_sweep_deletes_all_old_invocations(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invocation, "BATCH", 2)
    await _asked(function, [(name, 1) for name in "abcde"])
    await Invocation.all().update(created_at=datetime.now(UTC) - timedelta(days=31))

    assert await invocation.sweep() == 5
    assert await Invocation.all().count() == 0


async def test_one_sweep_deletes_all_old_pictures(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "BATCH", 2)
    for name in "abcde":
        await services.storage.put(name * 64, b"x")
    await orphans.forget([name * 64 for name in "abcde"])
    await Orphan.all().update(since=datetime.now(UTC) - timedelta(hours=2))

    assert await orphans.sweep(services) == 5
    assert await Orphan.all().count() == 0
    assert not any([await services.storage.exists(name * 64) for name in "abcde"])


class TestBytes:
    """The rate limit of callers without keys."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(
            update={"rate_invoke_bytes": 3_000, "rate_invoke_bytes_per_s": 0.001}
        )

    async def test_a_caller_without_a_key_has_a_rate_limit_in_bytes(
        self, anonymous: Client, client: Client, function: Function
    ) -> None:
        await Function.filter(id=function.id).update(visibility=FunctionVisibility.PUBLIC)
        path = f"/v1/functions/fn_{function.id.hex}/invoke"
        picture = make.picture(1).ljust(1_600, b"\0")
        assert len(picture) > 1_500

        statuses = [
            (await caller.http.post(path, content=picture, headers={**RAW, **headers})).status_code
            for caller, headers in [(anonymous, {})] * 3 + [(client, client.headers)] * 3
        ]

        assert statuses == [200, 429, 429, 200, 200, 200]
        assert await Invocation.all().count() == 4
