"""The bundled network in OpenVINO, compared with torch."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from pigeonhole.encoders import Floats, compiled, load_portable
from pigeonhole.encoders.bundled import BundledEncoder
from pigeonhole.encoders.bundled_graph import build
from pigeonhole.encoders.compiled import cores, has_bfloat16
from pigeonhole.kinds import Precision
from tests.pigeonhole.photos import crops

SECOND_START = """
import sys
from pathlib import Path
import numpy as np
from pigeonhole import encoders

encoder = encoders.load("bundled", Path(sys.argv[1]))
assert "torch" not in sys.modules, "torch was imported"
pixels = np.load(sys.argv[2])
np.save(sys.argv[3], encoder.embed(pixels))
"""

pytestmark = pytest.mark.skipif(
    torch.cuda.is_available(), reason="a GPU computes with torch, not with OpenVINO"
)


@pytest.fixture(scope="module")
def encoder() -> BundledEncoder:
    return BundledEncoder()


@pytest.fixture(scope="module")
def pixels(encoder: BundledEncoder) -> Floats:
    photos = [*crops("china.jpg"), *crops("flower.jpg")]
    return np.stack([encoder.preprocess(photo) for photo in photos])


def test_openvino_gives_what_torch_gives(encoder: BundledEncoder, pixels: Floats) -> None:
    other = BundledEncoder(with_openvino=False)

    with_torch, with_openvino = other.embed(pixels), encoder.embed(pixels)

    assert (encoder.runtime, other.runtime) == ("openvino", "torch")
    assert encoder.identity == other.identity
    assert (with_openvino * with_torch).sum(axis=1).min() > 0.99999


def test_a_picture_gives_the_same_vector_alone_and_in_a_batch_from_any_thread(
    encoder: BundledEncoder,
    pixels: Floats,
) -> None:
    together = encoder.embed(pixels)

    with ThreadPoolExecutor(8) as pool:
        places = [place % len(pixels) for place in range(24)]
        alone = list(pool.map(lambda place: encoder.embed(pixels[place : place + 1])[0], places))
        batches = list(pool.map(lambda _: encoder.embed(pixels), range(8)))

    for place, row in zip(places, alone, strict=True):
        assert row == pytest.approx(together[place], abs=1e-5)
    for batch in batches:
        assert batch == pytest.approx(together, abs=1e-5)


def test_an_unknown_layer_is_refused() -> None:
    with pytest.raises(TypeError, match="GELU is not supported"):
        build(_with_gelu(), 260)


def _with_gelu() -> torch.nn.Module:
    network = load_portable("bundled").network
    assert isinstance(network, torch.nn.Module)
    network.bn1 = torch.nn.GELU()
    return network


def test_it_uses_as_many_cores_as_torch() -> None:
    assert cores() == torch.get_num_threads()


def test_a_second_start_embeds_the_same_without_importing_torch(
    pixels: Floats, tmp_path: Path
) -> None:
    first = BundledEncoder(folder=tmp_path / "kept").embed(pixels)
    np.save(tmp_path / "pixels.npy", pixels)

    subprocess.run(
        [sys.executable, "-c", SECOND_START, "kept", "pixels.npy", "rows.npy"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=120,
        check=True,
    )

    assert np.load(tmp_path / "rows.npy") == pytest.approx(first, abs=1e-6)


@pytest.mark.skipif(not has_bfloat16(), reason="this processor has no bfloat16")
def test_bfloat16_can_be_chosen(encoder: BundledEncoder, pixels: Floats) -> None:
    other = BundledEncoder(precision=Precision.BFLOAT16)

    cosines = (other.embed(pixels) * encoder.embed(pixels)).sum(axis=1)

    assert other.identity == "bundled:efficientnet-lite2-9656183e:bfloat16:4"
    assert 0.98 < cosines.min() < 0.99999


def test_bfloat16_is_refused_without_instructions_for_it_or_without_openvino(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compiled, "has_bfloat16", lambda: False)

    with pytest.raises(
        ValueError, match=r"has no instructions for it\. Set PIGEONHOLE_ENCODER_PREC"
    ):
        BundledEncoder(precision=Precision.BFLOAT16)
    with pytest.raises(
        ValueError, match=r"only OpenVINO does so, on a processor\. Set PIGEONHOLE_"
    ):
        BundledEncoder(precision=Precision.BFLOAT16, with_openvino=False)
