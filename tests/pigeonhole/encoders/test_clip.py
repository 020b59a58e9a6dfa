"""The open_clip encoder, with a small model whose random weights were saved to a file."""

import copy
import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from pigeonhole import encoders
from pigeonhole.encoders import Encoder
from pigeonhole.encoders.clip import precision
from pigeonhole.encoders.last_block import read_first_token
from pigeonhole.encoders.packed import pack
from pigeonhole.encoders.preprocessing import VERSION, unit
from tests.pigeonhole.photos import crops, photo

TINY = {
    "embed_dim": 48,
    "vision_cfg": {"image_size": 64, "layers": 2, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {
        "context_length": 77,
        "vocab_size": 49408,
        "width": 64,
        "heads": 2,
        "layers": 2,
    },
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> torch.nn.Module:
    """Return a model of the configuration ``tiny``, and register that in open_clip."""
    file = tmp_path_factory.mktemp("configurations") / "tiny.json"
    file.write_text(json.dumps(TINY))
    open_clip.add_model_config(file)
    torch.manual_seed(0)
    made = open_clip.create_model("tiny").eval()
    assert isinstance(made, torch.nn.Module)
    return made


@pytest.fixture(scope="module")
def weights(model: torch.nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("weights") / "tiny.pt"
    torch.save(model.state_dict(), file)
    return file


@pytest.fixture(scope="module")
def encoder(weights: Path) -> Encoder:
    return encoders.load(f"tiny:{weights}")


def embed(encoder: Encoder, pictures: list[Image.Image]) -> encoders.Floats:
    return encoder.embed(np.stack([encoder.preprocess(picture) for picture in pictures]))


def test_a_last_block_that_computes_only_the_token_that_is_read_gives_the_same_vectors(
    model: torch.nn.Module,
) -> None:
    pictures = torch.randn(5, 3, 64, 64)
    whole, first = (copy.deepcopy(model.visual) for _ in range(2))
    assert isinstance(whole, torch.nn.Module)
    assert isinstance(first, torch.nn.Module)
    read_first_token(first)

    with torch.inference_mode():
        torch.testing.assert_close(first(pictures), whole(pictures), atol=1e-5, rtol=1e-4)

    kept = first.get_submodule("transformer.resblocks")
    assert [type(block).__name__ for block in kept.children()] == [
        "ResidualAttentionBlock",
        "FirstToken",
    ]


@pytest.mark.parametrize("setting", [{"pool_type": "avg"}, {"output_tokens": True}])
def test_a_tower_of_which_several_tokens_are_read_stays_as_it_is(
    setting: dict[str, object],
) -> None:
    tower = open_clip.model.VisionTransformer(64, 16, 64, 2, 2, 4.0, output_dim=48, **setting)

    read_first_token(tower)

    assert type(tower.transformer.resblocks[-1]).__name__ == "ResidualAttentionBlock"


# Only towers in bfloat16 are packed; oneDNN may lack these operations on processors without it.
bfloat16_only = pytest.mark.skipif(
    precision(torch.device("cpu")) != torch.bfloat16, reason="This processor has no bfloat16."
)


@bfloat16_only
@pytest.mark.parametrize("shape", [(2, 3, 64, 64), (1, 3, 70, 95)])
def test_packed_patches_equal_those_of_the_convolution(
    model: torch.nn.Module, shape: tuple[int, ...]
) -> None:
    pictures = torch.randn(shape, dtype=torch.bfloat16)
    plain, packed = (copy.deepcopy(model).bfloat16() for _ in range(2))
    pack(packed)

    with torch.inference_mode():
        expected, found = (each.get_submodule("visual.conv1")(pictures) for each in (plain, packed))

    assert found.shape == expected.shape
    torch.testing.assert_close(found, expected, atol=0.02, rtol=0.02)


@bfloat16_only
def test_packed_weights_give_the_same_vectors(model: torch.nn.Module) -> None:
    pictures = torch.randn(5, 3, 64, 64, dtype=torch.bfloat16)
    plain, packed = (copy.deepcopy(model.visual).bfloat16() for _ in range(2))
    assert isinstance(plain, torch.nn.Module)
    assert isinstance(packed, torch.nn.Module)
    read_first_token(packed)
    pack(packed)

    with torch.inference_mode():
        before, after = (unit(each(pictures).float().numpy()) for each in (plain, packed))

    kept = {type(module) for module in packed.modules()}
    assert torch.nn.Linear not in kept
    assert torch.nn.Conv2d not in kept
    assert torch.nn.MultiheadAttention not in kept
    assert (before * after).sum(axis=1).min() > 0.9999


def test_it_describes_itself(encoder: Encoder) -> None:
    digits = str(precision(torch.device("cuda" if torch.cuda.is_available() else "cpu")))

    assert encoder.name == "tiny/tiny.pt"
    assert (encoder.dimension, encoder.image_size) == (48, 64)
    assert encoder.warning is None
    kind, name, source, precise, version = encoder.identity.split(":")
    assert (kind, name, len(source), version) == ("open_clip", "tiny", 16, str(VERSION))
    assert f"torch.{precise}" == digits


def test_the_identity_depends_on_the_weights_and_not_on_their_path(
    encoder: Encoder, model: torch.nn.Module, weights: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved.pt"
    moved.write_bytes(weights.read_bytes())
    changed = tmp_path / "changed.pt"
    torch.save({name: tensor + 1 for name, tensor in model.state_dict().items()}, changed)

    assert encoders.load(f"tiny:{moved}").identity == encoder.identity
    assert encoders.load(f"tiny:{changed}").identity != encoder.identity


def test_safetensors_give_the_same_embeddings(
    encoder: Encoder, model: torch.nn.Module, tmp_path: Path
) -> None:
    save_file(model.state_dict(), tmp_path / "tiny.safetensors")
    other = encoders.load(f"tiny:{tmp_path / 'tiny.safetensors'}")

    pixels = encoder.preprocess(photo("china.jpg"))[None]

    assert (other.embed(pixels) == encoder.embed(pixels)).all()


def test_pictures_are_preprocessed_as_the_configuration_says(encoder: Encoder) -> None:
    pixels = encoder.preprocess(Image.new("RGB", (100, 80), (255, 0, 51)))

    assert pixels.shape == (3, 64, 64)
    assert pixels.dtype == np.float32
    mean, std = np.array(open_clip.OPENAI_DATASET_MEAN), np.array(open_clip.OPENAI_DATASET_STD)
    assert pixels[:, 0, 0] == pytest.approx((np.array([1, 0, 0.2]) - mean) / std, abs=1e-5)
    assert encoder.preprocess(Image.new("RGB", (1, 50_000))).shape == (3, 64, 64)


def test_embeddings_equal_those_of_float32_within_the_promised_cosine(
    encoder: Encoder, model: open_clip.CLIP
) -> None:
    pictures = crops("china.jpg") + crops("flower.jpg")
    pixels = np.stack([encoder.preprocess(picture) for picture in pictures])

    rows = encoder.embed(pixels)
    with torch.inference_mode():
        exact = model.encode_image(torch.from_numpy(pixels), normalize=True).numpy()

    assert rows.shape == (6, 48)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
    assert (rows * exact).sum(axis=1).min() >= 0.999


def test_crops_of_one_photo_are_more_similar_than_different_photos(encoder: Encoder) -> None:
    rows = embed(encoder, crops("china.jpg") + crops("flower.jpg"))

    cosines = rows @ rows.T

    assert min(cosines[:3, :3].min(), cosines[3:, 3:].min()) > cosines[:3, 3:].max()


def test_a_picture_has_the_same_embedding_alone_and_in_a_batch(encoder: Encoder) -> None:
    pictures = (crops("china.jpg") + crops("flower.jpg")) * 12  # more than one pass of the model

    batch = embed(encoder, pictures)
    alone = np.concatenate([embed(encoder, [picture]) for picture in pictures[:6]])

    assert batch.shape == (72, 48)
    assert (batch[:6] * alone).sum(axis=1).min() >= 0.9999
    assert (batch[66:] * alone).sum(axis=1).min() >= 0.9999


def test_no_pictures_and_no_names_give_no_rows(encoder: Encoder) -> None:
    assert encoder.embed(np.empty((0, 3, 64, 64), np.float32)).shape == (0, 48)
    assert encoder.embed_texts([]).shape == (0, 48)


def test_names_are_embedded_by_the_text_tower_as_the_mean_of_several_sentences(
    encoder: Encoder, model: open_clip.CLIP
) -> None:
    rows = encoder.embed_texts(["t-shirt", "longsleeve"], [None, None])

    said = ["a photo of a {}", "a photo of the {}", "a close-up photo of a {}", "a picture of {}"]
    for row, name in zip(rows, ["t shirt", "long sleeve"], strict=True):
        sentences = [template.format(name) for template in [*said, "{}"]]
        tokens = open_clip.get_tokenizer("tiny")(sentences)
        with torch.inference_mode():
            mean = model.encode_text(tokens, normalize=True).numpy().mean(axis=0)

        assert row @ mean / np.linalg.norm(mean) >= 0.999
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_description_changes_the_vector_of_a_name(encoder: Encoder) -> None:
    plain = encoder.embed_texts(["cat"])
    described = encoder.embed_texts(["cat"], ["a small grey one"])

    assert (plain * described).sum() < 0.9999


def test_models_that_cannot_be_loaded_are_reported(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"):
        encoders.load(f"ViT-B-32:{tmp_path / 'missing.pt'}")
    with pytest.raises(ValueError, match="no model 'ViT-B-99'"):
        encoders.load(f"ViT-B-99:{tmp_path / 'missing.pt'}")
    with pytest.raises(ValueError, match="no weights 'mine'"):
        encoders.load("ViT-B-32/mine")
    with pytest.raises(ValueError, match="is not an encoder"):
        encoders.load("nonsense")
