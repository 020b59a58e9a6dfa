"""Fetching from a model hub, and each way in which it can fail; the hub is a stand-in."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import filelock
import huggingface_hub
import pytest

from pigeonhole.encoders import hub
from tests.pigeonhole.encoders.model_hub import COMMIT, ModelHub, running, use
from tests.pigeonhole.running import environment

REPOSITORY, FILE = "someone/CLIP", "open_clip_model.safetensors"
CONTENT = bytes(range(256)) * 1_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def model_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelHub]:
    with running() as found:
        found.add(REPOSITORY, FILE, CONTENT)
        use(found, tmp_path, monkeypatch)
        yield found


def fetch(**options: object) -> Path:
    remote = hub.look_up(REPOSITORY, FILE)
    return hub.fetch(remote, **options)  # type: ignore[arg-type] # as the tests name them


def nothing_is_taken_for_whole() -> bool:
    found = huggingface_hub.try_to_load_from_cache(REPOSITORY, FILE)
    blobs = hub.folder_of(REPOSITORY) / "blobs"
    return found is None and not [path for path in blobs.glob("*") if not path.suffix]


def test_a_file_is_fetched_into_the_cache_that_the_tools_of_the_hub_use(
    model_hub: ModelHub,
) -> None:
    told: list[tuple[int, int]] = []

    path = fetch(sha256=SHA256, report=lambda done, total: told.append((done, total)))

    assert path.read_bytes() == CONTENT
    assert path.parent.name == COMMIT
    assert path.resolve().name == SHA256
    assert huggingface_hub.try_to_load_from_cache(REPOSITORY, FILE) == str(path)
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert hub.progress(REPOSITORY) is None

    model_hub.asked.clear()
    assert hub.cached(REPOSITORY, FILE) == path
    assert model_hub.asked == []
    assert fetch() == path
    assert model_hub.transfers() == []


def test_a_small_file_is_checked_by_its_git_checksum(model_hub: ModelHub) -> None:
    model_hub.add(REPOSITORY, "tokenizer.json", b"{}")

    assert hub.fetch(hub.look_up(REPOSITORY, "tokenizer.json")).read_bytes() == b"{}"


def test_a_broken_transfer_continues_where_it_broke_off(model_hub: ModelHub) -> None:
    model_hub.cuts = [100_000, 0, 50_000]

    assert fetch().read_bytes() == CONTENT
    assert model_hub.transfers() == [
        None,
        "bytes=100000-",
        "bytes=100000-",
        "bytes=150000-",
    ]


def test_the_next_fetch_continues_where_an_earlier_one_gave_up(model_hub: ModelHub) -> None:
    model_hub.cuts = [120_000] + [0] * hub.TRIES

    with pytest.raises(ConnectionError):
        fetch()
    assert nothing_is_taken_for_whole()
    model_hub.asked.clear()

    assert fetch().read_bytes() == CONTENT
    assert model_hub.transfers() == ["bytes=120000-"]


def test_a_host_without_ranges_sends_the_whole_file_again(model_hub: ModelHub) -> None:
    model_hub.cuts, model_hub.takes_ranges = [100_000], False

    assert fetch().read_bytes() == CONTENT


@pytest.mark.parametrize("announced", [len(CONTENT) - 1, len(CONTENT) + 1])
def test_a_file_of_another_size_than_announced_is_refused(
    model_hub: ModelHub, announced: int
) -> None:
    model_hub.announced = announced

    with pytest.raises(OSError, match=r"longer than|416|ended after"):
        fetch()
    assert nothing_is_taken_for_whole()


def test_a_file_with_another_checksum_than_announced_is_refused_and_deleted(
    model_hub: ModelHub,
) -> None:
    model_hub.served = CONTENT[::-1]

    with pytest.raises(OSError, match="not the expected file"):
        fetch()
    assert nothing_is_taken_for_whole()

    model_hub.served = None
    assert fetch().read_bytes() == CONTENT


def test_a_file_that_is_not_the_pinned_one_is_refused_before_it_is_fetched(
    model_hub: ModelHub,
) -> None:
    with pytest.raises(OSError, match=f"its SHA-256 is {SHA256}, not {'0' * 64}"):
        fetch(sha256="0" * 64)
    assert model_hub.transfers() == []


@pytest.mark.parametrize(
    ("status", "said"), [(404, "no such file"), (403, "HF_TOKEN"), (503, "status 503")]
)
def test_a_refusal_of_the_hub_is_quoted(model_hub: ModelHub, status: int, said: str) -> None:
    model_hub.status = status

    with pytest.raises(OSError, match=said):
        hub.look_up(REPOSITORY, FILE)


def test_a_server_that_is_no_hub_is_recognised(model_hub: ModelHub) -> None:
    model_hub.status = 200

    with pytest.raises(OSError, match="no model hub"):
        hub.look_up(REPOSITORY, FILE)


def test_a_hub_that_disconnects_is_an_error(model_hub: ModelHub) -> None:
    remote = hub.look_up(REPOSITORY, FILE)
    model_hub.status = 500

    with pytest.raises(ConnectionError, match="status 500"):
        hub.fetch(remote)
    assert len(model_hub.asked) == 1 + hub.TRIES


def test_a_slow_transfer_ends_at_its_deadline_and_keeps_what_has_arrived(
    model_hub: ModelHub,
) -> None:
    model_hub.drip_s = 0.01

    with pytest.raises(TimeoutError, match="are kept"):
        fetch(deadline=time.monotonic() + 0.5)
    assert nothing_is_taken_for_whole()
    [part] = hub.folder_of(REPOSITORY).glob("blobs/*.part")
    kept = part.stat().st_size
    assert kept > 0
    model_hub.drip_s = 0.0
    model_hub.asked.clear()

    assert fetch().read_bytes() == CONTENT
    assert model_hub.transfers() == [f"bytes={kept}-"]


def test_a_fetch_waits_for_another_fetch_of_the_same_file_until_the_deadline(
    model_hub: ModelHub,
) -> None:
    remote = hub.look_up(REPOSITORY, FILE)
    remote.part.parent.mkdir(parents=True)
    remote.part.write_bytes(CONTENT[:1_000])

    with filelock.FileLock(f"{remote.part}.lock"):
        assert hub.progress(REPOSITORY) == (1_000, len(CONTENT))
        with pytest.raises(TimeoutError, match="another process"):
            hub.fetch(remote, deadline=time.monotonic() + 0.05)

    assert hub.progress(REPOSITORY) is None
    assert hub.fetch(remote).read_bytes() == CONTENT
    assert model_hub.transfers() == ["bytes=1000-"]


def test_a_token_is_sent_to_the_hub_and_to_no_other_host(
    model_hub: ModelHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_hub.token = "hf_secret"
    with pytest.raises(PermissionError, match="HF_TOKEN"):
        hub.look_up(REPOSITORY, FILE)

    monkeypatch.setenv("HF_TOKEN", "hf_secret")

    assert fetch().read_bytes() == CONTENT
    assert model_hub.strangers_saw == [None]


def test_a_full_disk_is_reported_before_anything_is_fetched(
    model_hub: ModelHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)

    with pytest.raises(OSError, match="room for 10 bytes"):
        fetch()
    assert model_hub.transfers() == []


def test_a_mirror_a_proxy_a_token_and_hf_home_are_honoured(
    model_hub: ModelHub, tmp_path: Path
) -> None:
    model_hub.token = "hf_secret"
    variables = {
        "HF_ENDPOINT": "http://mirror.invalid",
        "HTTP_PROXY": model_hub.url,
        "NO_PROXY": "localhost",
        "no_proxy": "localhost",
        "HF_TOKEN": "hf_secret",
        "HF_HOME": str(tmp_path / "home"),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    code = (
        "from pigeonhole.encoders import hub\n"
        f"print(hub.fetch(hub.look_up({REPOSITORY!r}, {FILE!r})), end='')"
    )

    told = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout

    path = tmp_path / "home/hub/models--someone--CLIP/snapshots" / COMMIT / FILE
    assert told == str(path)
    assert path.read_bytes() == CONTENT
