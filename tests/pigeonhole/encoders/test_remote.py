"""Encoders of a service: the same vectors as here, never of two encoders, and waits with bounds."""

import asyncio
import json
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import httpx
import numpy as np
import pytest

from pigeonhole import encoders
from pigeonhole.deployment import doctor_services
from pigeonhole.deployment.doctor import Check, State
from pigeonhole.encoders import Encoder, remote
from pigeonhole.encoders.remote import RemoteEncoder
from pigeonhole.encoders.wire import IDENTITY, packed, route
from pigeonhole.services import outages, refusals
from pigeonhole.settings import Settings
from tests.conftest import load_once
from tests.pigeonhole.encoders.encoder_service import SECRET, EncoderService
from tests.pigeonhole.photos import photo


@pytest.fixture
def service(small_encoder: str) -> Iterator[EncoderService]:
    with EncoderService(small_encoder, load_once(small_encoder)).running() as running:
        yield running


def pixels(encoder: Encoder, count: int = 2) -> encoders.Floats:
    photos = [photo("china.jpg"), photo("flower.jpg")]
    return np.stack([encoder.preprocess(photos[at % 2]) for at in range(count)])


def test_a_service_returns_the_vectors_that_its_encoder_computes(service: EncoderService) -> None:
    with service.client() as client:
        far, near = client.load(service.spec), service.encoder

        shared = ("identity", "name", "dimension", "image_size", "warning", "seen", "digest")
        assert [getattr(far, name) for name in shared] == [getattr(near, name) for name in shared]
        assert far.near_duplicate == pytest.approx(near.near_duplicate)
        np.testing.assert_allclose(far.embed(pixels(far)), near.embed(pixels(near)), atol=1e-6)
        texts = ["cat", "dog"], ["a pet", None]
        np.testing.assert_allclose(far.embed_texts(*texts), near.embed_texts(*texts), atol=1e-6)
        assert far.embed(pixels(far)[:0]).shape == far.embed_texts([]).shape == (0, near.dimension)


@pytest.mark.parametrize("size", [(200, 300), (301, 200), (64, 64), (900, 70)])
def test_images_are_resized_and_cropped_as_the_models_own_transform_does_it(
    small_encoder: str, size: tuple[int, int]
) -> None:
    image = photo("china.jpg").resize(size)
    for encoder in (load_once(small_encoder), load_once(encoders.BUNDLED)):
        found = RemoteEncoder.preprocess(encoder, image)  # type: ignore[arg-type]

        again = encoder.normalise(found.astype(np.uint8))
        np.testing.assert_allclose(again, encoder.preprocess(image), atol=1e-6)


def test_more_images_than_a_request_may_have_are_several_requests(service: EncoderService) -> None:
    with service.client() as client:
        encoder = client.load(service.spec)
        found = encoder.embed(pixels(encoder, 130))

    assert len(found) == 130
    assert service.asked.count(f"POST {route(service.spec)}/images") == 3


def test_a_request_is_repeated_while_a_service_restarts(service: EncoderService) -> None:
    with service.client() as client:
        encoder = client.load(service.spec)
        service.asked.clear()
        service.statuses += [503, 500, 404]

        found = encoder.embed(pixels(encoder))

    assert found.shape == (2, encoder.dimension)
    assert service.asked == [f"POST {route(service.spec)}/images"] * 4


def test_a_service_that_is_away_is_an_outage_after_a_bounded_wait(
    service: EncoderService,
) -> None:
    with service.client(timeout_s=0.3) as client:
        encoder = client.load(service.spec)
        service.statuses += [503] * 100

        with pytest.raises(remote.AwayError) as caught:
            encoder.embed(pixels(encoder))

    assert f"{service.url}{route(service.spec)}/images answers with status 503" in str(caught.value)
    assert outages.passing(caught.value) == outages.ENCODER
    refusal = refusals.refusal_of(caught.value)
    assert refusal is not None
    assert (refusal.code, refusal.message) == (
        "UNAVAILABLE",
        "The encoder service is unavailable. Try again soon.",
    )


def test_a_service_that_has_stopped_is_an_outage(small_encoder: str) -> None:
    service = EncoderService(small_encoder, load_once(small_encoder))
    with service.running():
        pass

    with service.client(timeout_s=0.3) as client, pytest.raises(remote.AwayError) as caught:
        client.load(small_encoder)

    assert outages.passing(caught.value) == outages.ENCODER


def test_a_wrong_secret_is_refused_at_once_and_says_which_setting_is_wrong(
    service: EncoderService,
) -> None:
    with service.client(secret="another") as client, pytest.raises(remote.AwayError) as caught:
        client.load(service.spec)

    assert str(caught.value) == (
        f"{service.url} refuses the secret. Set PIGEONHOLE_ENCODER_SECRET to the one that the "
        "service was started with."
    )
    assert service.asked == [f"GET {route(service.spec)}"]


def test_vectors_of_another_encoder_are_never_taken(service: EncoderService) -> None:
    with service.client(timeout_s=0.3) as client:
        encoder = client.load(service.spec)
        service.encoder = other = copy(service.encoder)
        other.identity = "another"

        with pytest.raises(remote.ChangedError):
            encoder.embed(pixels(encoder))
        with pytest.raises(remote.ChangedError) as caught:
            encoder.embed_texts(["cat"])

        assert str(caught.value) == (
            f"{service.url} has the encoder another, not {encoder.identity}."
        )
        assert encoder.changed
        assert client.load(service.spec).identity == "another"


def test_auto_is_clip_where_the_service_has_it_otherwise_the_bundled_encoder(
    service: EncoderService,
) -> None:
    with service.client() as client:
        found = []
        for service.spec in (encoders.DEFAULT, encoders.BUNDLED):
            found.append(client.choose())
        assert found == [encoders.DEFAULT, encoders.BUNDLED]

        service.spec = "another/one"
        with pytest.raises(remote.AwayError, match="has neither"):
            client.choose()


def test_an_encoder_that_the_service_lacks_is_told(service: EncoderService) -> None:
    with service.client(timeout_s=0.3) as client:
        assert (client.has(service.spec), client.has("another/one")) == (True, False)
        with pytest.raises(remote.UnknownError, match="has no such encoder: nothing answers at"):
            client.load("another/one")


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("images", b"no array", "not an array in NumPy's format"),
        ("images", packed(np.zeros((1, 3, 9, 9), np.uint8)), "uint8 (n, 3, 48, 48)"),
        ("images", packed(np.zeros((1, 3, 48, 48), np.float32)), "uint8 (n, 3, 48, 48)"),
        ("images", packed(np.zeros((65, 3, 48, 48), np.uint8)), "1 to 64 images"),
        ("images", packed(np.zeros((0, 3, 48, 48), np.uint8)), "1 to 64 images"),
        ("texts", b"{", "The body is not JSON"),
        ("texts", json.dumps([["cat"]]).encode(), "pairs: a name, and a description or null"),
        ("texts", b"[]", "1 to 64 texts"),
        ("sounds", b"", "neither `images` nor `texts`"),
    ],
)
def test_a_request_that_is_not_one_of_this_release_is_refused(
    service: EncoderService, kind: str, body: bytes, said: str
) -> None:
    url = f"{service.url}{route(service.spec)}/{kind}"
    answer = httpx.post(url, content=body, headers={"Authorization": f"Bearer {SECRET}"})

    assert (answer.status_code, answer.headers[IDENTITY]) == (400, service.encoder.identity)
    assert said in answer.text


def test_a_pickled_object_is_never_read(service: EncoderService, tmp_path: Path) -> None:
    np.save(tmp_path / "object.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    url = f"{service.url}{route(service.spec)}/images"
    answer = httpx.post(
        url,
        content=(tmp_path / "object.npy").read_bytes(),
        headers={"Authorization": f"Bearer {SECRET}"},
    )

    assert answer.status_code == 400


def test_the_doctor_embeds_an_image_by_the_service(
    service: EncoderService, tmp_path: Path, small_encoder: str
) -> None:
    settings = Settings(
        data_dir=tmp_path, encoder=small_encoder, encoder_url=service.url, encoder_secret=SECRET
    )
    found = asyncio.run(doctor_services.check_encoder(settings))
    wrong = settings.model_copy(update={"encoder_secret": "another"})
    refused = asyncio.run(doctor_services.check_encoder(wrong))

    assert found == Check(
        "encoder",
        State.OK,
        f"The encoder service embeds with {service.encoder.name} ({service.encoder.identity}, by "
        f"{service.encoder.runtime} at {service.url}).",
    )
    assert refused.state is State.PROBLEM
    assert "refuses the secret" in refused.found
    assert "PIGEONHOLE_ENCODER_SECRET" in refused.fix
