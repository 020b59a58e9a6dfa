"""A small open_clip model with random weights: fast, and loaded as the large ones are."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from PIL import Image

from tests import make

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
SMALLEST = "ViT-S-32-alt"
"""The smallest model that open_clip knows by itself, also in other processes than a test's."""


def save(folder: Path, seed: int = 0) -> str:
    """Save the model's weights and register it in open_clip; return a spec for `encoders.load`."""
    configuration = folder / "mini.json"
    configuration.write_text(json.dumps(CONFIGURATION))
    open_clip.add_model_config(configuration)
    return _saved("mini", folder / "mini.pt", seed)


def save_smallest(folder: Path, seed: int = 0) -> str:
    """Save random weights of `SMALLEST`, 170 MB; return a spec for `encoders.load`."""
    return _saved(SMALLEST, folder / "smallest.pt", seed)


def _saved(name: str, weights: Path, seed: int) -> str:
    torch.manual_seed(seed)
    model: Any = open_clip.create_model(name).eval()
    size, _ = model.visual.image_size
    _spread(model, torch.randn(64, 3, size, size) if name == "mini" else _pictures(size))
    torch.save(model.state_dict(), weights)
    return f"{name}:{weights}"


def _pictures(size: int) -> torch.Tensor:
    """Digits in several colours, about as an encoder sees them."""
    data = [make.colored(one, seed) for seed, one in enumerate(make.digits(64)[0])]
    opened = [np.asarray(Image.open(BytesIO(one)).resize((size, size))) for one in data]
    return 4 * (torch.from_numpy(np.stack(opened)).permute(0, 3, 1, 2) / 255 - 0.45)


def _spread(model: Any, pixels: torch.Tensor) -> None:
    """Subtract what all pictures have in common, which is nearly everything in a random network."""
    seen: list[torch.Tensor] = []
    last = model.visual.ln_post
    hook = last.register_forward_hook(lambda *called: seen.append(called[2]))
    with torch.no_grad():
        model.encode_image(pixels)
        last.bias -= seen[0][:, 0].mean(dim=0)
    hook.remove()
