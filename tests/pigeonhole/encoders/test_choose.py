"""How ``auto`` is resolved: in bounded time, and offline if possible."""

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import filelock
import pytest

from pigeonhole import encoders
from pigeonhole.encoders import hub, known, weights
from tests.pigeonhole.encoders.model_hub import COMMIT, ModelHub, digest, running, use
from tests.pigeonhole.running import WITHIN_S

MODEL, _, TAG = encoders.DEFAULT.partition("/")
REPOSITORY, FILE = "laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K", "open_clip_model.safetensors"
CONTENT = b"weights " * 5_000


@pytest.fixture
def model_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelHub]:
    """A hub with a file under the default encoder's name; its digest replaces the pinned one."""
    with running() as found:
        found.add(REPOSITORY, FILE, CONTENT)
        use(found, tmp_path, monkeypatch)
        pin = known.Pin(COMMIT, FILE, digest(CONTENT))
        monkeypatch.setattr(weights, "pin_of", lambda spec: pin if spec == known.DEFAULT else None)
        yield found


def choose(spec: str = "auto", *, answer_s: float = 60, download_s: float = 60) -> str:
    return encoders.choose(spec, fetch_timeout_s=answer_s, download_timeout_s=download_s)


@pytest.mark.parametrize("spec", ["bundled", "ViT-B-16/openai", "ViT-B-32:/weights.pt"])
def test_any_spec_but_auto_stays_as_it_is(spec: str, model_hub: ModelHub) -> None:
    assert choose(spec) == spec
    assert model_hub.asked == []


def test_auto_is_clip_if_the_hub_serves_it_and_later_needs_no_network(
    model_hub: ModelHub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    model_hub.cuts = [10_000]

    assert choose() == encoders.DEFAULT

    assert model_hub.transfers() == [None, "bytes=10000-"]
    assert f"Downloading {encoders.DEFAULT}: 100 % of 0 MB." in caplog.messages
    assert all(f"/resolve/{COMMIT}/" in path for _, path, _ in model_hub.asked[:1])
    model_hub.asked.clear()
    assert choose() == encoders.DEFAULT
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert choose() == encoders.DEFAULT
    path, checksum = weights.fetch(MODEL, TAG)
    assert (path.read_bytes(), checksum) == (CONTENT, digest(CONTENT))
    assert model_hub.asked == []


def test_auto_is_bundled_if_the_hub_does_not_answer(
    model_hub: ModelHub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        use(ModelHub(port=int(url.rpartition(":")[2])), hub.cache_folder(), monkeypatch)

        assert choose(answer_s=0.2) == "bundled"
        assert encoders.outlook(fetch_timeout_s=0.2) == ("bundled", None)
    assert "is used instead of CLIP" in caplog.text


def test_auto_is_bundled_if_the_connection_is_refused(
    model_hub: ModelHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    use(ModelHub(port=port), hub.cache_folder(), monkeypatch)

    assert choose() == "bundled"


def test_auto_is_bundled_if_network_requests_are_forbidden(
    model_hub: ModelHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    assert choose() == "bundled"
    assert model_hub.asked == []


@pytest.mark.parametrize("status", [401, 404, 503])
def test_auto_is_bundled_if_the_hub_refuses(model_hub: ModelHub, status: int) -> None:
    model_hub.status = status

    assert choose() == "bundled"


def test_auto_is_bundled_if_the_hub_serves_other_weights(
    model_hub: ModelHub, caplog: pytest.LogCaptureFixture
) -> None:
    model_hub.add(REPOSITORY, FILE, CONTENT[::-1])

    assert choose() == "bundled"
    assert "not the expected file" in caplog.text
    assert weights.cached(MODEL, TAG) is None


def test_a_slow_download_ends_at_its_time_limit_and_keeps_what_has_arrived(
    model_hub: ModelHub, caplog: pytest.LogCaptureFixture
) -> None:
    model_hub.drip_s = 0.02

    assert choose(download_s=0.4) == "bundled"

    assert "are kept" in caplog.text
    assert weights.cached(MODEL, TAG) is None
    model_hub.drip_s = 0.0
    weights.fetch(MODEL, TAG)
    assert model_hub.transfers()[1] not in (None, "bytes=0-")
    assert choose() == encoders.DEFAULT


def test_the_choice_of_the_first_start_is_predicted_without_making_it(model_hub: ModelHub) -> None:
    assert encoders.outlook(fetch_timeout_s=60) == (
        encoders.DEFAULT,
        "its weights, 0 MB, are downloaded at the first start",
    )
    assert model_hub.transfers() == []
    assert encoders.fetching() is None

    part = hub.look_up(REPOSITORY, FILE).part
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:10_000])
    with filelock.FileLock(f"{part}.lock"):
        assert encoders.fetching() == "25 % of 0 MB"
        assert encoders.outlook(fetch_timeout_s=60) == (
            encoders.DEFAULT,
            "its weights are being downloaded, 25 % of 0 MB",
        )


def test_local_weights_that_are_not_the_pinned_ones_are_refused(
    model_hub: ModelHub,
) -> None:
    path, _ = weights.fetch(MODEL, TAG)
    path.resolve().write_bytes(b"others")

    with pytest.raises(OSError, match="not the expected file"):
        weights.fetch(MODEL, TAG)


def test_weights_that_are_not_in_the_registry_are_checked_against_a_given_digest(
    model_hub: ModelHub,
) -> None:
    repository = "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K"
    model_hub.add(repository, "open_clip_pytorch_model.bin", CONTENT)
    other = ("ViT-B-32", "datacomp_xl_s13b_b90k")

    with pytest.raises(OSError, match="not the expected file"):
        weights.fetch(*other, sha256="0" * 64)
    path, checksum = weights.fetch(*other, sha256=digest(CONTENT), revision=COMMIT)

    assert (path.name, checksum) == ("open_clip_pytorch_model.bin", digest(CONTENT))
    assert weights.cached("ViT-B-32", "laion2b_e16") is None


def test_the_registry_lists_what_open_clip_knows_and_pins_the_default() -> None:
    for each in known.KNOWN:
        if each.spec != known.BUNDLED:
            assert weights.configuration(*each.spec.split("/"))
    pin = known.pin_of(known.DEFAULT)
    assert pin is not None
    assert (len(pin.revision), len(pin.sha256)) == (40, 64)
    assert known.pin_of("ViT-B-32/openai") is None


def test_unknown_models_and_weights_are_named_in_the_error() -> None:
    with pytest.raises(ValueError, match="no model 'ViT-B-99'"):
        weights.configuration("ViT-B-99", "openai")
    with pytest.raises(ValueError, match="no weights 'mine' for ViT-B-32; it has openai"):
        weights.configuration("ViT-B-32", "mine")


def test_importing_the_package_imports_no_model_library() -> None:
    heavy = "{'torch', 'open_clip', 'timm', 'transformers', 'huggingface_hub'}"
    code = f"import sys, pigeonhole.encoders; sys.exit(len({heavy} & set(sys.modules)))"

    ended = subprocess.run([sys.executable, "-c", code], check=False, timeout=WITHIN_S)

    assert ended.returncode == 0
