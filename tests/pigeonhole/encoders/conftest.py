"""A small open_clip model with random weights, which were saved to a file."""

import json
from pathlib import Path

import open_clip
import pytest
import torch

from pigeonhole import encoders
from pigeonhole.encoders import Encoder

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
