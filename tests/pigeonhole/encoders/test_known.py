"""Each known encoder is fetched from a stand-in for the hub, and its image and text sides load.

The weights are random. The networks are small ones under the true names, with the true
preprocessing and kind of tokenizer, but for one of the default's true size.
"""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers

from pigeonhole.encoders import known, load, weights
from tests.pigeonhole.encoders.model_hub import COMMIT, ModelHub, digest, running, use
from tests.pigeonhole.photos import photo

FILE = "open_clip_model.safetensors"


@pytest.fixture
def model_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelHub]:
    with running() as found:
        use(found, tmp_path / "cache", monkeypatch)
        yield found


def small(model: str) -> dict[str, Any]:
    """Replace a model's network by a small one, and leave everything else as it is."""
    made: dict[str, Any] = copy.deepcopy(open_clip.get_model_config(model))
    image, text = made["vision_cfg"], made["text_cfg"]
    if "siglip" in image.get("timm_model_name", ""):
        image |= {"timm_model_name": "test_vit", "image_size": 160}
    elif "timm_model_name" in image:
        image["timm_model_name"] = "fastvit_t8"
    else:
        image |= {"layers": 1, "width": 64, "head_width": 32}
    text |= {"width": 64, "heads": 2, "layers": 1, "vocab_size": min(text["vocab_size"], 49_408)}
    return made | {"embed_dim": 64}


def offer(hub: ModelHub, spec: str, folder: Path) -> str:
    """Make the hub serve random weights of a model, and its tokenizer; return their digest."""
    model, _, tag = spec.partition("/")
    torch.manual_seed(0)
    made = open_clip.create_model(model)
    save_file(made.state_dict(), folder / FILE)
    repository = str(weights.configuration(model, tag)["hf_hub"]).rstrip("/")
    hub.add(repository, FILE, folder / FILE)
    tokenizer = open_clip.get_model_config(model)["text_cfg"].get("hf_tokenizer_name")
    if tokenizer:
        special = ("<pad>", "<eos>", "<bos>", "<unk>")
        letters = {name: at for at, name in enumerate((*special, *"▁abcdefghijklmnopqrstuvwxyz"))}
        words = Tokenizer(models.BPE(vocab=letters, merges=[], unk_token="<unk>"))
        words.normalizer = normalizers.Replace(" ", "▁")
        configured = {"tokenizer_class": "GemmaTokenizer", "padding_side": "right"}
        hub.add(tokenizer, "tokenizer.json", words.to_str().encode())
        hub.add(tokenizer, "tokenizer_config.json", json.dumps(configured).encode())
    return digest(folder / FILE)


def check(
    spec: str, size: int, dimension: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = load(spec, folder)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    pictures = np.stack([encoder.preprocess(photo(name)) for name in ("china.jpg", "flower.jpg")])
    vectors, names = encoder.embed(pictures), encoder.embed_texts(["cat", "dog"])

    assert (encoder.name, encoder.image_size, encoder.dimension) == (spec, size, dimension)
    assert pictures.shape == (2, 3, size, size)
    assert encoder.runtime == ("torch" if torch.cuda.is_available() else "openvino")
    for rows in (vectors, names):
        assert rows.shape == (2, dimension)
        assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)
        assert rows[0] @ rows[1] < 0.99999


@pytest.mark.parametrize(
    ("spec", "size"),
    [
        (each.spec, {"ViT-B-32/": 224, "ViT-L-14/": 224}.get(each.spec.split("/")[0] + "/", 256))
        for each in known.KNOWN
        if each.spec not in (known.BUNDLED, known.DEFAULT)
    ],
)
def test_each_known_encoder_is_fetched_and_loads_with_its_text_side(
    spec: str, size: int, model_hub: ModelHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = spec.split("/")[0]
    shrunken = small(model)
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, model, shrunken)
    checksum = offer(model_hub, spec, tmp_path)

    size = min(size, shrunken["vision_cfg"]["image_size"])
    check(spec, size, 64, tmp_path / "kept", monkeypatch)

    assert load(spec, tmp_path / "kept").digest == checksum  # offline
    assert weights.cached(*spec.split("/")) is not None


def test_the_default_encoder_in_its_true_size_is_fetched_and_loads(
    model_hub: ModelHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checksum = offer(model_hub, known.DEFAULT, tmp_path)
    pin = known.Pin(COMMIT, FILE, checksum)
    monkeypatch.setattr(weights, "pin_of", lambda spec: pin)
    model_hub.cuts = [300_000_000]
    true_size = (tmp_path / FILE).stat().st_size

    check(known.DEFAULT, 256, 512, tmp_path / "kept", monkeypatch)

    assert model_hub.transfers() == [None, "bytes=300000000-"]
    assert true_size == pytest.approx(605_189_364, rel=0.001)
