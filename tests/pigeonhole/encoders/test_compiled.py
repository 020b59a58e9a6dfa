"""The bundled network in OpenVINO, compared with torch."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from pigeonhole.encoders import Floats
from pigeonhole.encoders.bundled import BundledEncoder
from pigeonhole.encoders.compiled import Compiled
from tests.pigeonhole.photos import crops

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


def test_an_unknown_layer_is_refused(encoder: BundledEncoder) -> None:
    with pytest.raises(TypeError, match="GELU is not supported"):
        Compiled(_with_gelu(encoder), 260)


def _with_gelu(encoder: BundledEncoder) -> torch.nn.Module:
    network = encoder.portable().network
    assert isinstance(network, torch.nn.Module)
    network.bn1 = torch.nn.GELU()
    return network
