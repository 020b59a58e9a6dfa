"""`pigeonhole encoder list`, `use` and `serve`, with a stand-in for the encoder service.

The stand-in answers as the replicas of the real one do, without Ray. The real one is started by
`tests/pigeonhole/cluster`.
"""

import asyncio
import sys
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from pigeonhole import encoders
from pigeonhole.deployment.cli import app
from pigeonhole.encoders import known
from pigeonhole.encoders.wire import route
from pigeonhole.services import choices, database
from pigeonhole.settings import read_settings
from pigeonhole.tables import Choice
from tests import backends
from tests.conftest import load_once
from tests.pigeonhole.encoders.encoder_service import SECRET, EncoderService


@pytest.fixture
def service(
    small_encoder: str, sqlite_template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[EncoderService]:
    """A service whose bundled encoder is a small one, and the settings to use it."""
    monkeypatch.setattr("pigeonhole.deployment.logs.set_up", lambda settings, process: None)
    encoder = copy(load_once(small_encoder))
    encoder.name, encoder.digest = "Small", "1" * 64
    with EncoderService(encoders.BUNDLED, encoder).running() as running:
        given = {
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": backends.copy_database(sqlite_template, tmp_path),
            "ENCODER_URL": running.url,
            "ENCODER_SECRET": SECRET,
            "ENCODER_WAIT_S": "0.3",
            "ENCODER": "auto",
        }
        for name, value in given.items():
            monkeypatch.setenv(f"PIGEONHOLE_{name}", value)
        yield running


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["encoder", *words])


def recorded() -> str | None:
    async def read() -> str | None:
        async with database.connected(read_settings().resolved_database_url):
            choice = await Choice.get_or_none(name=choices.ENCODER)
            return choice.value if choice else None

    return asyncio.run(read())


def here() -> set[str]:
    rows = [line.split() for line in run("list").stdout.splitlines()[1:]]
    return {row[0] for row in rows if "yes" in row}


def test_the_list_asks_the_service_for_each_encoder_by_one_client_and_closes_it(
    service: EncoderService, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[httpx.Client] = []
    made = httpx.Client.__init__

    def note(client: httpx.Client, **options: object) -> None:
        opened.append(client)
        made(client, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(httpx.Client, "__init__", note)

    assert here() == {encoders.BUNDLED}

    assert service.asked == [f"GET {route(each.spec)}" for each in known.KNOWN]
    assert [client.is_closed for client in opened] == [True]


def test_use_records_an_encoder_of_the_service_and_holds_it_to_its_weights(
    service: EncoderService,
) -> None:
    done = run("use", encoders.BUNDLED)

    assert (done.exit_code, recorded()) == (0, encoders.BUNDLED)
    assert done.stdout == "New functions use Small; existing functions keep their encoder.\n"

    service.encoder = other = copy(service.encoder)
    other.digest = "0" * 64
    others = run("use", encoders.BUNDLED)
    assert others.exit_code == 1
    assert f"have the SHA-256 {'0' * 64}, but the vectors of this deployment" in others.stderr


def test_what_the_service_lacks_or_refuses_is_told_and_changes_nothing(
    service: EncoderService, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacks = run("use", known.DEFAULT)
    monkeypatch.setenv("PIGEONHOLE_ENCODER_SECRET", "another")
    refused = [run("list"), run("use", encoders.BUNDLED)]

    assert (lacks.exit_code, lacks.stderr) == (
        1,
        f"error: {service.url} does not have {known.DEFAULT}. Run `pigeonhole encoder serve "
        f"{known.DEFAULT}` there.\n",
    )
    for each in refused:
        assert (each.exit_code, each.stderr) == (
            1,
            f"error: {service.url} refuses the secret. Set PIGEONHOLE_ENCODER_SECRET to the one "
            "that the service was started with.\n",
        )
    assert recorded() is None


def test_serve_refuses_what_would_be_open_to_anybody_or_impossible(
    service: EncoderService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # as where it is not installed
    words = ("serve", encoders.BUNDLED, "--ray", "127.0.0.1:6379")

    missing = run(*words)
    swapped = run(*words, "--min-replicas", "2")
    monkeypatch.setenv("PIGEONHOLE_ENCODER_SECRET", "")
    open_to_all = run(*words, "--host", "0.0.0.0")

    assert [each.exit_code for each in (missing, swapped, open_to_all)] == [1, 1, 1]
    assert "Run `pip install 'pigeonhole[ray]'` here and on each node." in missing.stderr
    assert "--min-replicas must not be larger than --max-replicas." in swapped.stderr
    assert "PIGEONHOLE_ENCODER_SECRET is required to listen on 0.0.0.0." in open_to_all.stderr


async def test_auto_is_not_decided_while_a_service_has_the_bundled_encoder_alone(
    service: EncoderService,
) -> None:
    settings = read_settings()
    async with database.connected(settings.resolved_database_url):
        first = await choices.chosen_encoder(settings)
        undecided = not await Choice.filter(name=choices.ENCODER).exists()
        service.spec = encoders.DEFAULT
        second = await choices.chosen_encoder(settings)
        service.spec = encoders.BUNDLED
        third = await choices.chosen_encoder(settings)

    assert (first, undecided) == (encoders.BUNDLED, True)
    assert (second, third) == (encoders.DEFAULT, encoders.DEFAULT)
