"""CLIP and its kin through open_clip, in bfloat16 where the processor computes in it."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import open_clip
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image

from pigeonhole.encoders import weights
from pigeonhole.encoders.duplicates import calibrate
from pigeonhole.encoders.lanes import Lanes
from pigeonhole.encoders.last_block import read_first_token
from pigeonhole.encoders.packed import pack
from pigeonhole.encoders.preprocessing import VERSION, Floats, transformed, unit
from pigeonhole.encoders.words import readable, sentences

AT_ONCE = 8  # pictures a pass: more are no faster each
TEMPLATES = (
    "a photo of a {}",
    "a photo of the {}",
    "a close-up photo of a {}",
    "a picture of {}",
    "{}",
)


class ClipEncoder:
    """An open_clip model with its text tower.

    On a processor with bfloat16 instructions the module is cast whole, which costs less than
    1e-3 of cosine and is at least twice as fast; autocast would be slower than float32.
    """

    warning: str | None = None

    def __init__(self, spec: str) -> None:
        """Load ``model/pretrained``, or ``model:PATH`` of a file with a state dict."""
        model, path, quick_gelu, preprocessing, source = _find(spec)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._precision = precision(self._device)
        self._lanes = Lanes(self._device, at_once=AT_ONCE, shares=True)
        self.lanes, self.batch = self._lanes.count, self._lanes.at_once
        # Read here what open_clip would fetch anew: the file alone is enough, and needs no hub.
        self._model = open_clip.create_model(
            model,
            pretrained=str(path),
            force_quick_gelu=quick_gelu,
            force_preprocess_cfg=preprocessing,
            pretrained_text=False,
        )
        self._model.eval().requires_grad_(False).to(self._device, self._precision)
        read_first_token(self._model.visual)
        if self._device.type == "cpu" and self._precision == torch.bfloat16:
            pack(self._model.visual)
        settings = PreprocessCfg(**self._model.visual.preprocess_cfg)
        self._transform = image_transform_v2(settings, is_train=False)
        self._model_name, self._lock = model, Lock()
        self._tokenizer: Any = None
        size = settings.size
        self.image_size: int = size if isinstance(size, int) else max(size)
        self.name = f"{model}/{path.name}" if ":" in spec else spec
        digits = str(self._precision).removeprefix("torch.")
        self.identity = f"open_clip:{model}:{source}:{digits}:{VERSION}"
        first = transformed(Image.new("RGB", (self.image_size, self.image_size)), self._transform)
        self.dimension = self._lanes.run(self._forward, first[None]).shape[1]
        self.near_duplicate = calibrate(self)

    def preprocess(self, rgb: Image.Image) -> Floats:
        """See ``Encoder``."""
        return transformed(rgb, self._transform)

    def embed(self, pixels: Floats) -> Floats:
        """See ``Encoder``."""
        if not len(pixels):
            return np.empty((0, self.dimension), np.float32)
        return unit(self._lanes.run(self._forward, pixels))

    def embed_texts(
        self, names: Sequence[str], descriptions: Sequence[str | None] | None = None
    ) -> Floats:
        """See ``Encoder``."""
        rows = np.empty((len(names), self.dimension), np.float32)
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = open_clip.get_tokenizer(self._model_name)
        known = {
            token.removesuffix("</w>")
            for token in getattr(self._tokenizer, "encoder", {})
            if token.endswith("</w>")
        }
        for row, name, said in zip(rows, names, descriptions or [None] * len(names), strict=True):
            tokens = self._tokenizer(sentences(readable(name, known), said, TEMPLATES))
            with torch.inference_mode():
                found = self._model.encode_text(tokens.to(self._device))
            row[:] = unit(found.float().cpu().numpy()).mean(axis=0)
        return unit(rows)

    def _forward(self, pixels: Floats) -> Floats:
        with torch.inference_mode():
            batch = torch.from_numpy(pixels).to(self._device, self._precision)
            found: Floats = self._model.encode_image(batch).float().cpu().numpy()
        return found


def precision(device: torch.device) -> torch.dtype:
    """Give bfloat16 where the device has instructions for it, else float32."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        has = torch.cpu.get_capabilities()
        fast = bool(has.get("avx512_bf16") or has.get("amx_bf16"))
    return torch.bfloat16 if fast else torch.float32


def _find(spec: str) -> tuple[str, Path, bool, dict[str, Any], str]:
    """Give the model, its weights' file, two things that depend on them, and their identity."""
    model, colon, where = spec.partition(":")
    if colon:
        if open_clip.get_model_config(model) is None:
            raise ValueError(f"open_clip has no model {model!r}.")
        path = Path(where)
        with path.open("rb") as file:
            return model, path, False, {}, hashlib.file_digest(file, "sha256").hexdigest()[:16]
    model, slash, tag = spec.partition("/")
    if not slash:
        raise ValueError(f"{spec!r} is no encoder: use bundled, model/pretrained or model:PATH.")
    known = weights.configuration(model, tag)
    keys = asdict(PreprocessCfg()).keys() & known.keys()
    preprocessing = {key: known[key] for key in keys}
    return model, weights.fetch(model, tag), bool(known.get("quick_gelu")), preprocessing, tag
