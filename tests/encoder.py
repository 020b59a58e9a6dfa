"""A small open_clip model with random weights: quick, and as real as the large ones."""

import json
from pathlib import Path

import open_clip
import torch

CONFIGURATION = {
    "embed_dim": 64,
    "vision_cfg": {"image_size": 48, "layers": 1, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {
        "context_length": 77,
        "vocab_size": 49_408,
        "width": 32,
        "heads": 2,
        "layers": 1,
    },
}


def save(folder: Path) -> str:
    """Save its weights, and tell open_clip of it; return what `encoders.load` takes."""
    configuration, weights = folder / "mini.json", folder / "mini.pt"
    configuration.write_text(json.dumps(CONFIGURATION))
    open_clip.add_model_config(configuration)
    torch.manual_seed(0)
    model = open_clip.create_model("mini")
    assert isinstance(model, torch.nn.Module)
    torch.save(model.state_dict(), weights)
    return f"mini:{weights}"
