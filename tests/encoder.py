"""A small open_clip model with random weights: quick, and as real as the large ones."""

import json
from pathlib import Path
from typing import Any

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


def save(folder: Path, seed: int = 0) -> str:
    """Save its weights, and tell open_clip of it; return what `encoders.load` takes."""
    configuration, weights = folder / "mini.json", folder / "mini.pt"
    configuration.write_text(json.dumps(CONFIGURATION))
    open_clip.add_model_config(configuration)
    torch.manual_seed(seed)
    model: Any = open_clip.create_model("mini").eval()
    _spread(model)
    torch.save(model.state_dict(), weights)
    return f"mini:{weights}"


def _spread(model: Any) -> None:
    """Take away what all pictures have in common, which in a random network is nearly all."""
    seen: list[torch.Tensor] = []
    last = model.visual.ln_post
    hook = last.register_forward_hook(lambda *called: seen.append(called[2]))
    with torch.no_grad():
        model.encode_image(torch.randn(64, 3, 48, 48))
        last.bias -= seen[0][:, 0].mean(dim=0)
    hook.remove()
