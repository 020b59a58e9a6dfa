"""An exported model, made by a real process and run without this package."""

import io
import json
import subprocess
import sys
import zipfile
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.model_export import REFUSED
from pigeonhole.model_export.__main__ import main
from pigeonhole.services.services import Services
from server import ids
from tests import build, make
from tests.client import Client
from tests.conftest import RunJobs
from tests.encoder import SMALLEST
from tests.pigeonhole.photos import photo
from tests.pigeonhole.running import WITHIN_S

NEEDED = (
    "numpy", "numpy.libs", "onnxruntime", "flatbuffers", "google", "packaging",
    "PIL", "pillow.libs",
)  # fmt: skip
ONCE = pytest.mark.parametrize("kind", ["embedded"], indirect=True)  # it takes ten seconds
"""Folders that ``pip install onnxruntime numpy pillow`` makes."""


@pytest.fixture
def encoder_spec() -> str:
    return "bundled"


async def trained(services: Services, run_jobs: RunJobs, *, spare: int = 5) -> str:
    """Train a function on two digits, and add ``spare`` photos without labels; return its ID."""
    function = await build.function(services)
    await build.add_digits(services, function, 8)
    await build.add_digits(services, function, spare, skip=8, annotated=False)
    await run_jobs()
    return ids.encode(ids.Kind.FUNCTION, function.id)


async def download(client: Client, id: str, query: str = "") -> httpx.Response:
    return await client.http.get(f"/v1/functions/{id}/model{query}", headers=client.headers)


def alone(folder: Path, *images: Path) -> list[dict[str, Any]]:
    """Run ``predict.py`` with an interpreter that finds only what it needs."""
    packages = folder / "packages"
    packages.mkdir()
    installed = Path(str(resources.files("numpy"))).parent
    for name in NEEDED:
        if (installed / name).exists():  # which libraries lie beside differs between platforms
            (packages / name).symlink_to(installed / name)
    program = (
        f"import sys, runpy; sys.path.insert(0, {str(packages)!r}); "
        f"runpy.run_path({str(folder / 'predict.py')!r}, run_name='__main__'); "
        "assert 'pigeonhole' not in sys.modules and 'torch' not in sys.modules"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, *images],
        capture_output=True, text=True, check=False, timeout=WITHIN_S,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


@ONCE
@pytest.mark.slow
async def test_an_exported_model_predicts_as_the_server_does_without_this_package(
    client: Client, services: Services, run_jobs: RunJobs, tmp_path: Path
) -> None:
    id = await trained(services, run_jobs)

    answer = await download(client, id)

    assert answer.status_code == 200, answer.text
    file = zipfile.ZipFile(io.BytesIO(answer.content))
    assert file.namelist() == [
        "README.md", "predict.py", "model.json", "parity.json", "model.onnx",
    ]  # fmt: skip
    about = json.loads(file.read("model.json"))
    assert (about["function"], about["version"], about["labels"]) == ("Recipes", 1, ["0", "1"])
    report = json.loads(file.read("parity.json"))
    assert (report["images"], report["heldOut"]) == (26, 10)
    assert (report["labelsThatDiffer"], report["decisionsThatDiffer"]) == (0, 0)
    assert report["largestDifference"] < 0.005

    folder = tmp_path / "exported"
    file.extractall(folder)
    images = odd_images(tmp_path)
    told = alone(folder, *images)

    for image, own in zip(images, told, strict=True):
        invoked = await client.http.post(
            f"/v1/functions/{id}/invoke",
            content=image.read_bytes(),
            headers={"Content-Type": "application/octet-stream", **client.headers},
        )
        server = invoked.json()
        assert own["label"] == server["label"], image
        assert own["decision"] == server["decision"]
        assert own["confidence"] == pytest.approx(server["confidence"], abs=0.005)


def odd_images(folder: Path) -> list[Path]:
    """Write a photo rotated by EXIF, a transparent, a large and a wide one, and a digit."""
    temple = photo("china.jpg")
    turned = temple.getexif()
    turned[0x0112] = 6
    temple.save(folder / "turned.jpg", exif=turned, quality=95)
    clear = temple.convert("RGBA")
    clear.putalpha(Image.fromarray(np.tile(np.arange(640) // 3, (427, 1)).astype(np.uint8)))
    clear.save(folder / "clear.png")
    photo("flower.jpg").resize((4000, 3000)).save(folder / "large.jpg", quality=90)
    temple.resize((1500, 400)).save(folder / "wide.jpg", quality=95, exif=turned)
    (folder / "digit.png").write_bytes(make.digits()[0][0])
    return [
        folder / name for name in ("turned.jpg", "clear.png", "large.jpg", "wide.jpg", "digit.png")
    ]


@ONCE
@pytest.mark.slow
async def test_a_quantised_model_is_a_third_of_the_size_and_has_its_own_report(
    client: Client, services: Services, run_jobs: RunJobs
) -> None:
    id = await trained(services, run_jobs)

    answer = await download(client, id, "?precision=int8")

    file = zipfile.ZipFile(io.BytesIO(answer.content))
    assert file.getinfo("model.onnx").file_size < 8_000_000
    report = json.loads(file.read("parity.json"))
    assert (report["precision"], report["images"]) == ("int8", 26)
    assert report["labelsThatDiffer"] == 0
    assert 0 < report["largestDifference"] < 0.2


async def test_a_function_that_cannot_be_exported_is_refused_with_advice(
    client: Client, anonymous: Client, services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    id = ids.encode(ids.Kind.FUNCTION, function.id)

    untrained = await download(client, id)
    wrong = await download(client, id, "?precision=int4")
    missing = await download(client, f"fn_{'0' * 32}")
    stranger = await download(anonymous, id)

    assert (untrained.status_code, untrained.json()["code"]) == (409, "NOT_TRAINED")
    assert (wrong.status_code, wrong.json()["detail"]) == (
        400,
        "`precision` must be `float32` or `int8`.",
    )
    assert (missing.status_code, stranger.status_code) == (404, 401)
    _, invoke = await keys.create(name="invoker", scopes={ApiKeyScope.INVOKE})
    assert (await download(anonymous.by(invoke), id)).status_code == 403


def test_weights_that_only_an_encoder_service_has_are_named_with_the_command_that_gets_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = f"{SMALLEST}:{tmp_path / 'missing.pt'}"
    (tmp_path / "job.json").write_text(json.dumps({"encoder": spec}))

    with pytest.raises(SystemExit) as ended:
        main(tmp_path)

    assert ended.value.code == REFUSED
    assert capsys.readouterr().out == (
        f"An export needs the weights of {spec} on the machine of the server, which cannot load "
        f"them. Its operator can download them with `pigeonhole encoder fetch {spec}`.\n"
    )
