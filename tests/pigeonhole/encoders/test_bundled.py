"""The bundled encoder on real photos, and its text side."""

import socket
from pathlib import Path

import numpy as np
import pytest
import timm
from PIL import Image
from timm.data.config import resolve_data_config
from timm.data.transforms_factory import create_transform

from pigeonhole import encoders, images
from pigeonhole.encoders import Encoder
from pigeonhole.encoders.bundled import BundledEncoder
from pigeonhole.encoders.duplicates import calibrate
from pigeonhole.encoders.prototypes import CLASS_NAMES, Prototypes
from tests.pigeonhole.photos import crops, photo

CLOTHING = Path(__file__).parents[4] / "shared" / "data" / "clothing"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return encoders.load("bundled")


def embed(encoder: Encoder, pictures: list[Image.Image]) -> encoders.Floats:
    return encoder.embed(np.stack([encoder.preprocess(picture) for picture in pictures]))


def test_it_describes_itself(encoder: Encoder) -> None:
    assert encoder.identity == "bundled:efficientnet-lite2-9656183e:float32:4"
    assert encoder.name == "efficientnet-lite2 (bundled)"
    assert (encoder.dimension, encoder.image_size) == (1280, 292)
    assert encoder.warning is not None
    assert "bundled" in encoder.warning


def test_pictures_are_prepared_as_the_network_was_trained(encoder: Encoder) -> None:
    pixels = encoder.preprocess(Image.new("RGB", (400, 300), (255, 0, 51)))

    assert pixels.shape == (3, 260, 260)
    assert pixels.dtype == np.float32
    assert pixels[:, 0, 0] == pytest.approx([1.0, -1.0, -0.6], abs=1e-6)


@pytest.mark.parametrize(
    "size", [(292, 292), (260, 300), (1, 1), (4, 3), (3000, 1999), (333, 2000), (801, 799)]
)
def test_pixels_are_those_of_the_preprocessing_that_timm_gives_the_network(
    encoder: Encoder, size: tuple[int, int]
) -> None:
    configured = resolve_data_config(model=timm.create_model("tf_efficientnet_lite2"))
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    image = Image.fromarray(noise)

    expected = create_transform(**configured, is_training=False)(image).numpy()

    assert encoder.preprocess(image) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (1, 40_000), (40_000, 1), (7, 5000)])
def test_a_picture_of_any_shape_is_prepared(encoder: Encoder, size: tuple[int, int]) -> None:
    assert encoder.preprocess(Image.new("RGB", size)).shape == (3, 260, 260)


def test_embeddings_have_length_one(encoder: Encoder) -> None:
    rows = embed(encoder, [photo("china.jpg"), photo("flower.jpg"), Image.new("RGB", (9, 9))])

    assert rows.shape == (3, 1280)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    assert encoder.embed(np.empty((0, 3, 260, 260), np.float32)).shape == (0, 1280)


def test_crops_of_one_photo_are_similar_and_different_photos_are_not(encoder: Encoder) -> None:
    rows = embed(encoder, crops("china.jpg") + crops("flower.jpg"))

    cosines = rows @ rows.T
    same = np.concatenate([cosines[:3, :3].ravel(), cosines[3:, 3:].ravel()])
    different = cosines[:3, 3:].ravel()

    assert same.min() > 0.85
    assert different.max() < 0.6


def test_a_picture_has_the_same_embedding_alone_and_in_a_batch(encoder: Encoder) -> None:
    pictures = crops("china.jpg") + crops("flower.jpg") + [photo("flower.jpg")]

    batch = embed(encoder, pictures)
    alone = np.concatenate([embed(encoder, [picture]) for picture in pictures])

    assert (batch * alone).sum(axis=1).min() > 0.99999


def test_every_instance_derives_the_same_centre(encoder: Encoder) -> None:
    pixels = encoder.preprocess(photo("china.jpg"))[None]

    assert BundledEncoder().embed(pixels) == pytest.approx(encoder.embed(pixels), abs=1e-6)


def test_the_photos_are_classified_by_names_alone(encoder: Encoder) -> None:
    pictures = embed(encoder, [photo("china.jpg"), photo("flower.jpg")])

    names = encoder.embed_texts(["temple", "flower", "computer"])

    assert names.shape == (3, 1280)
    assert names.dtype == np.float32
    assert np.linalg.norm(names, axis=1) == pytest.approx(1, abs=1e-5)
    assert (pictures @ names.T).argmax(axis=1).tolist() == [0, 1]


def test_loading_and_embedding_make_no_network_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a request was made")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    assert BundledEncoder().embed_texts(["temple"]).shape == (1, 1280)


def test_the_vector_of_a_name_does_not_depend_on_the_other_names(encoder: Encoder) -> None:
    together = encoder.embed_texts(["temple", "longsleeve"])

    assert encoder.embed_texts(["longsleeve"])[0] == pytest.approx(together[1], abs=1e-5)
    assert encoder.embed_texts([]).shape == (0, 1280)


def test_a_description_moves_the_vector_of_a_name_towards_its_meaning(encoder: Encoder) -> None:
    flower = embed(encoder, [photo("flower.jpg")])

    plain = encoder.embed_texts(["class A"])
    described = encoder.embed_texts(["class A"], ["a daisy, a flower with yellow petals"])

    assert (flower @ described.T).item() > (flower @ plain.T).item() + 0.01


def test_a_compound_word_means_what_its_parts_mean(encoder: Encoder) -> None:
    one, other = encoder.embed_texts(["longsleeve", "long sleeve"])

    assert one == pytest.approx(other, abs=1e-5)


def test_the_file_of_class_names_is_what_the_sentence_encoder_gives() -> None:
    prototypes = Prototypes(np.zeros((1000, 1280), np.float32))

    assert np.load(CLASS_NAMES) == pytest.approx(prototypes.embed_class_names(), abs=1e-5)


@pytest.mark.slow
@pytest.mark.skipif(not CLOTHING.is_dir(), reason="the labelled clothing photos are not here")
def test_clothing_is_classified_by_names_alone(encoder: Encoder) -> None:
    files = sorted(CLOTHING.glob("*/*.jpg"))[::3]
    labels = sorted({file.parent.name for file in files})
    decoded = [
        images.decode(
            file.read_bytes(),
            max_bytes=20_000_000,
            max_pixels=50_000_000,
            at_least=encoder.image_size,
        ).rgb
        for file in files
    ]

    found = (embed(encoder, decoded) @ encoder.embed_texts(labels).T).argmax(axis=1)

    right = sum(labels[i] == file.parent.name for i, file in zip(found, files, strict=True))
    assert right / len(files) >= 0.52


def test_the_threshold_of_near_duplicates_is_the_one_calibrated_on_copies_of_photos(
    encoder: Encoder,
) -> None:
    assert encoder.near_duplicate == pytest.approx(
        calibrate(encoder.preprocess, encoder.embed), abs=0.002
    )
