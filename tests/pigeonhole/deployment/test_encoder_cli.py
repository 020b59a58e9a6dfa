"""`pigeonhole encoder`, run in this process, with a stand-in for the model hub."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from pigeonhole import encoders
from pigeonhole.deployment.cli import app
from pigeonhole.encoders import known, weights
from pigeonhole.kinds import EncoderChangeState
from pigeonhole.services import choices, database
from pigeonhole.settings import read_settings
from pigeonhole.tables import Choice, EncoderChange, Function
from tests.pigeonhole.encoders.model_hub import COMMIT, ModelHub, digest, running, use

OTHER, REPOSITORY = "ViT-B-32/datacomp_xl_s13b_b90k", "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K"
FILE, CONTENT = "open_clip_model.safetensors", b"weights " * 5_000


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables."""
    path = tmp_path_factory.mktemp("migrated") / "pigeonhole.db"
    asyncio.run(database.migrate(f"sqlite://{path}"))
    return path


@pytest.fixture
def model_hub(
    tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModelHub]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "pigeonhole.db").write_bytes(migrated.read_bytes())
    for name in ("PIGEONHOLE_ENCODER", "PIGEONHOLE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIGEONHOLE_DATA_DIR", str(data))
    monkeypatch.setattr("pigeonhole.deployment.logs.set_up", lambda settings, process: None)
    with running() as hub:
        hub.add(REPOSITORY, FILE, CONTENT)
        use(hub, tmp_path / "cache", monkeypatch)
        yield hub


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["encoder", *words])


def chosen() -> str | None:
    async def read() -> str | None:
        async with database.connected(read_settings().resolved_database_url):
            choice = await Choice.get_or_none(name=choices.ENCODER)
            return choice.value if choice else None

    return asyncio.run(read())


def measure(after: str, before: str, ms_after: float, ms_before: float) -> None:
    """Record a change of encoder that measured how long both take."""

    async def write() -> None:
        async with database.connected(read_settings().resolved_database_url):
            function = await Function.create(name="Digits", name_key="digits", encoder=before)
            await EncoderChange.create(
                function_id=function.id,
                encoder=after,
                encoder_before=before,
                state=EncoderChangeState.STOPPED,
                comparison={"ms_after": ms_after, "ms_before": ms_before},
            )

    asyncio.run(write())


def stands_in(monkeypatch: pytest.MonkeyPatch, sha256: str) -> None:
    """Load a small model in place of the one that the file's name suggests."""
    loaded = SimpleNamespace(name=OTHER, digest=sha256)
    monkeypatch.setattr(encoders, "load", lambda *_: loaded)


def test_the_list_has_licence_size_and_availability(model_hub: ModelHub) -> None:
    weights.fetch(*OTHER.split("/"))

    rows = {line.split()[0]: line for line in run("list").stdout.splitlines()}

    assert set(rows) == {"encoder", *(each.spec for each in known.KNOWN)}
    assert [word in rows[known.DEFAULT] for word in ("MIT", "605 MB", "72.8 %", "no  ")] == [
        True
    ] * 4
    assert "yes " in rows[OTHER]
    assert "yes " in rows["bundled"]
    assert "research only" in rows["MobileCLIP2-S2/dfndr2b"]


def test_the_list_has_the_time_per_image_if_a_change_has_measured_it(
    model_hub: ModelHub,
) -> None:
    measure(known.DEFAULT, known.BUNDLED, 40.04, 9.5)

    rows = {line.split()[0]: line for line in run("list").stdout.splitlines()}

    assert {spec for spec, row in rows.items() if " ms  " in row} == {known.DEFAULT, known.BUNDLED}
    assert "  72.8 %   40.0 ms  no  " in rows[known.DEFAULT]
    assert "9.5 ms  yes   Used by 1 functions." in rows[known.BUNDLED]


def test_fetch_prints_where_the_weights_are_and_what_to_copy(
    model_hub: ModelHub, tmp_path: Path
) -> None:
    done = run("fetch", OTHER, "--revision", COMMIT, "--sha256", digest(CONTENT))

    assert (done.exit_code, done.stderr) == (0, "")
    assert f"Downloading {OTHER}: 100 % of 0 MB." in done.stdout
    assert digest(CONTENT) in done.stdout
    assert f"copy {tmp_path / 'cache'} there" in done.stdout


def test_failed_fetches_are_reported(model_hub: ModelHub) -> None:
    model_hub.status = 503

    for words, said in {
        ("fetch", OTHER): "status 503",
        ("fetch", "ViT-B-32/mine"): "open_clip has no weights 'mine'",
        ("fetch", "bundled"): "nothing to download",
        ("fetch", known.DEFAULT, "--sha256", "0" * 64): "is pinned",
        ("use", OTHER): f"Run `pigeonhole encoder fetch {OTHER}`",
    }.items():
        done = run(*words)
        assert done.exit_code == 1
        assert said in done.stderr
    assert chosen() is None


def test_use_chooses_the_encoder_of_new_functions_and_pins_its_weights(
    model_hub: ModelHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights.fetch(*OTHER.split("/"))
    stands_in(monkeypatch, digest(CONTENT))

    done = run("use", OTHER)

    assert (done.exit_code, chosen()) == (0, OTHER)
    assert f"New functions use {OTHER}" in done.stdout
    assert "Used for new functions." in run("list").stdout.split(OTHER)[1].splitlines()[0]

    stands_in(monkeypatch, "0" * 64)
    others = run("use", OTHER)
    assert others.exit_code == 1
    assert f"have the SHA-256 {'0' * 64}, but the vectors of this deployment" in others.stderr

    monkeypatch.setenv("PIGEONHOLE_ENCODER", "bundled")
    overruled = run("use", OTHER)
    assert (overruled.exit_code, chosen()) == (1, OTHER)
    assert "PIGEONHOLE_ENCODER is set to 'bundled'" in overruled.stderr
