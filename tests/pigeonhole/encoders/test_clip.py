"""The open_clip encoder, with a small model whose random weights were saved to a file."""

import copy
from dataclasses import asdict
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from safetensors.torch import save_file

from pigeonhole import encoders
from pigeonhole.encoders import Encoder
from pigeonhole.encoders.clip_network import best_device, fastest
from pigeonhole.encoders.compiled import has_bfloat16
from pigeonhole.encoders.facts import Facts
from pigeonhole.encoders.last_block import read_first_token
from pigeonhole.encoders.preprocessing import VERSION
from tests.pigeonhole.photos import crops, photo


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


def test_it_describes_itself(encoder: Encoder) -> None:
    on_gpu = torch.cuda.is_available()
    fast = fastest(best_device()) if on_gpu else "bfloat16" if has_bfloat16() else "float32"

    assert encoder.name == "tiny/tiny.pt"
    assert (encoder.dimension, encoder.image_size) == (48, 64)
    assert encoder.warning is None
    kind, name, source, precise, version = encoder.identity.split(":")
    assert (kind, name, len(source), version) == ("open_clip", "tiny", 16, str(VERSION))
    assert precise == fast
    assert encoder.runtime == ("torch" if on_gpu else "openvino")


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


@pytest.mark.parametrize("mode", ["shortest", "squash", "longest"])
@pytest.mark.parametrize("size", [(64, 64), (333, 200), (41, 90), (7, 5)])
def test_pixels_are_those_of_the_transform_of_open_clip(mode: str, size: tuple[int, int]) -> None:
    settings = PreprocessCfg(64, resize_mode=mode, interpolation="bilinear", mean=(0.1, 0.2, 0.3))
    facts = Facts("tiny", "", None, "", 0, 0, asdict(settings))
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    image = Image.fromarray(noise)

    expected = image_transform_v2(settings, is_train=False)(image).numpy()

    assert facts.preprocess(image) == pytest.approx(expected, abs=1e-6)
    assert facts.steps is not None


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
