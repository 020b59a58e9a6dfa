"""The doctor's checks of the encoder, Redis and the storage."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pigeonhole import encoders
from pigeonhole.deployment import data_folder, doctor, doctor_services
from pigeonhole.deployment.doctor import Check, State
from pigeonhole.deployment.valkey import Valkey, answers
from pigeonhole.services import database
from pigeonhole.settings import Settings
from pigeonhole.tables import Function
from tests.pigeonhole.deployment.examined import Loaded, changed, loads, settings
from tests.pigeonhole.running import eventually, run

__all__ = ["loads", "settings"]  # fixtures


@contextmanager
def a_valkey(tmp_path: Path, **changes: str) -> Iterator[str]:
    """A running Valkey, with changes to its configuration."""
    valkey = Valkey.within(tmp_path / "valkey")
    words = valkey.command().words
    with run(*words, *(word for key, value in changes.items() for word in (f"--{key}", value))):
        eventually(lambda: asyncio.run(answers(valkey.url)))
        yield valkey.url


def test_a_fall_back_to_the_bundled_encoder_is_a_warning(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoders, "outlook", lambda fetch_timeout_s: (encoders.BUNDLED, None))

    check = asyncio.run(doctor_services.check_encoder(settings))

    assert check.state is State.WARNING
    assert check.found == (
        "Using the bundled encoder: the CLIP weights are not on this machine and could not be "
        "downloaded. It knows everyday things."
    )
    assert f"pigeonhole encoder use {encoders.DEFAULT}" in check.fix


def test_the_chosen_encoder_is_reported_without_a_request_to_the_hub(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, loads: list[str]
) -> None:
    async def record() -> None:
        from pigeonhole.tables import Choice

        async with database.connected(settings.resolved_database_url):
            await Choice.create(name="encoder", value=encoders.BUNDLED)

    asyncio.run(record())
    monkeypatch.delattr(encoders, "outlook")

    check = asyncio.run(doctor_services.check_encoder(settings))

    assert (check.state, loads) == (State.WARNING, [encoders.BUNDLED])


def test_choosing_the_bundled_encoder_is_no_warning(settings: Settings) -> None:
    check = asyncio.run(doctor_services.check_encoder(changed(settings, encoder="bundled")))

    assert check == Check("encoder", State.OK, "An encoder loads (an-identity, by torch).")


def test_an_encoder_that_does_not_load_is_a_problem(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(spec: str, folder: Path | None, precision: str) -> Loaded:
        raise ValueError("Model not found")

    monkeypatch.setattr(encoders, "load", load)

    check = asyncio.run(doctor_services.check_encoder(changed(settings, encoder="no/model")))

    assert check.state is State.PROBLEM
    assert check.found == "Encoder 'no/model' cannot be loaded: Model not found."


@pytest.mark.parametrize(
    ("changes", "state", "found"),
    [
        ({}, State.OK, "append-only file on."),
        ({"appendonly": "no"}, State.WARNING, "without an append-only file"),
        ({"maxmemory-policy": "allkeys-lru"}, State.WARNING, "may evict jobs"),
    ],
)
def test_a_redis_that_may_evict_keys_is_a_warning(
    settings: Settings, tmp_path: Path, changes: dict[str, str], state: State, found: str
) -> None:
    with a_valkey(tmp_path, **changes) as url:
        check = asyncio.run(doctor_services.check_redis(changed(settings, redis_url=url)))

    assert check.state is state
    assert found in check.found
    assert "Valkey" in check.found
    assert ":***@" in check.found


def test_a_redis_that_is_away_is_a_problem(settings: Settings) -> None:
    url = "redis://:secret@127.0.0.1:1"

    check = asyncio.run(doctor_services.check_redis(changed(settings, redis_url=url)))

    assert check.state is State.PROBLEM
    assert check.found.startswith("redis://:***@127.0.0.1:1 cannot be used: ")


def test_the_valkey_of_a_running_up_is_found_by_its_folder(
    settings: Settings, tmp_path: Path
) -> None:
    with a_valkey(tmp_path) as url, data_folder.hold(settings.resolved_data_dir) as held:
        held.tell(data_folder.Holder(redis_url=url))
        redis = asyncio.run(doctor_services.check_redis(settings))
        data = asyncio.run(doctor.check_folder(settings))

    assert redis.found.endswith("append-only file on.")
    assert f"in use by process {os.getpid()} on " in data.found


def test_a_storage_that_cannot_be_written_is_a_problem(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    url = f"file://{tmp_path}/file/blobs"

    check = asyncio.run(doctor_services.check_storage(changed(settings, storage_url=url)))

    assert check.state is State.PROBLEM
    assert check.found.startswith(f"{url} cannot be used: ")


def test_an_encoder_that_a_function_uses_and_that_is_gone_is_a_problem(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def use() -> None:
        async with database.connected(settings.resolved_database_url):
            await Function.create(name="f", name_key="f", encoder="gone/away")

    def load(spec: str, folder: Path | None, precision: str) -> Loaded:
        if spec == "gone/away":
            raise ValueError("Model not found")
        return Loaded()

    asyncio.run(use())
    monkeypatch.setattr(encoders, "load", load)

    check = asyncio.run(doctor_services.check_encoder(changed(settings, encoder="bundled")))

    assert (check.state, check.found) == (
        State.PROBLEM,
        "Encoder 'gone/away', which functions use, cannot be loaded: Model not found.",
    )
