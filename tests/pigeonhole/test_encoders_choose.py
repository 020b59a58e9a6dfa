"""What ``auto`` becomes, and that finding out is bounded and offline where it can be."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pigeonhole import encoders
from pigeonhole.encoders import weights
from pigeonhole.encoders.choose import answers


@pytest.fixture
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without CLIP's weights."""
    monkeypatch.setattr(weights, "cached", lambda model, tag: None)


@pytest.fixture
def hub(request: pytest.FixtureRequest) -> Iterator[str]:
    """A web server that answers every request with one status."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(request.param)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/file"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/file"


@pytest.mark.parametrize("spec", ["bundled", "ViT-B-16/openai", "ViT-B-32:/weights.pt"])
def test_any_other_spec_than_auto_stays_as_it_is(spec: str) -> None:
    assert encoders.choose(spec, fetch_timeout_s=0.001) == spec


def test_auto_is_clip_where_its_weights_are_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "cached", lambda model, tag: Path("weights.safetensors"))

    assert encoders.choose("auto", fetch_timeout_s=0.001) == encoders.DEFAULT


@pytest.mark.usefixtures("no_cache")
def test_auto_is_bundled_where_the_hub_is_silent(
    silent: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(weights, "probe_url", lambda model, tag: silent)

    assert encoders.choose("auto", fetch_timeout_s=0.2) == "bundled"
    assert "stands in for CLIP" in caplog.text


@pytest.mark.usefixtures("no_cache")
def test_auto_is_bundled_where_requests_are_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    assert weights.probe_url("ViT-B-32", "datacomp_xl_s13b_b90k") is None
    assert encoders.choose("auto", fetch_timeout_s=60) == "bundled"


@pytest.mark.usefixtures("no_cache")
@pytest.mark.parametrize("hub", [200], indirect=True)
def test_auto_is_bundled_where_the_hub_answers_but_serves_nothing(
    hub: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fetch(model: str, tag: str) -> Path:
        raise FileNotFoundError("the disk is full of cats")

    monkeypatch.setattr(weights, "probe_url", lambda model, tag: hub)
    monkeypatch.setattr(weights, "fetch", fetch)

    assert encoders.choose("auto", fetch_timeout_s=60) == "bundled"
    assert "full of cats" in caplog.text


@pytest.mark.usefixtures("no_cache")
@pytest.mark.parametrize("hub", [307], indirect=True)
def test_auto_is_clip_where_the_hub_serves_it(hub: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []

    def fetch(model: str, tag: str) -> Path:
        fetched.append(f"{model}/{tag}")
        return Path("weights.safetensors")

    monkeypatch.setattr(weights, "probe_url", lambda model, tag: hub)
    monkeypatch.setattr(weights, "fetch", fetch)

    assert encoders.choose("auto", fetch_timeout_s=60) == encoders.DEFAULT
    assert fetched == [encoders.DEFAULT]


@pytest.mark.parametrize(
    ("hub", "answer"), [(200, True), (302, True), (401, False), (503, False)], indirect=["hub"]
)
def test_an_answer_or_a_redirect_counts_and_an_error_does_not(hub: str, answer: bool) -> None:
    assert answers(hub, timeout_s=60) is answer


def test_a_port_where_nobody_listens_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert not answers(f"http://127.0.0.1:{port}/file", timeout_s=60)


def test_the_hub_of_the_default_weights_is_known() -> None:
    url = weights.probe_url("ViT-B-32", "datacomp_xl_s13b_b90k")

    assert url is None or url.endswith(
        "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K/resolve/main/open_clip_config.json"
    )


def test_weights_in_the_hub_s_cache_are_found_without_a_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "models--laion--CLIP-ViT-B-32-DataComp.XL-s13B-b90K"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0" * 40)
    file = repository / "snapshots" / ("0" * 40) / "open_clip_pytorch_model.bin"
    file.parent.mkdir(parents=True)
    file.touch()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    assert weights.cached("ViT-B-32", "datacomp_xl_s13b_b90k") == file
    assert weights.fetch("ViT-B-32", "datacomp_xl_s13b_b90k") == file
    assert weights.cached("ViT-B-32", "laion2b_e16") is None


def test_unknown_models_and_weights_are_named() -> None:
    with pytest.raises(ValueError, match="no model 'ViT-B-99'"):
        weights.configuration("ViT-B-99", "openai")
    with pytest.raises(ValueError, match="no weights 'mine' for ViT-B-32; it has openai"):
        weights.configuration("ViT-B-32", "mine")


def test_importing_the_package_imports_no_model_library() -> None:
    heavy = "{'torch', 'open_clip', 'timm', 'transformers', 'huggingface_hub'}"
    code = f"import sys, pigeonhole.encoders; sys.exit(len({heavy} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
