"""CLIP and similar models from open_clip, in bfloat16 if the device supports it."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image

from pigeonhole.encoders import weights
from pigeonhole.encoders.duplicates import calibrate
from pigeonhole.encoders.lanes import Lanes
from pigeonhole.encoders.last_block import read_first_token
from pigeonhole.encoders.packed import pack
from pigeonhole.encoders.portable import Portable
from pigeonhole.encoders.preprocessing import (
    VERSION,
    Floats,
    Preprocessing,
    normalised,
    transformed,
    unit,
)
from pigeonhole.encoders.words import readable, sentences

AT_ONCE = 8  # images per pass; more are not faster
TEMPLATES = (
    "a photo of a {}",
    "a photo of the {}",
    "a close-up photo of a {}",
    "a picture of {}",
    "{}",
)


class ClipEncoder:
    """An open_clip model with its text tower.

    On a processor with bfloat16 instructions the whole module is cast to bfloat16, which costs
    less than 1e-3 of cosine and is at least twice as fast. Autocast would be slower than float32.
    """

    warning: str | None = None
    runtime = "torch"

    def __init__(self, spec: str) -> None:
        """Load ``model/pretrained``, or ``model:PATH`` with a file of a state dict.

        Raises:
            ValueError: There is no such model, or no such weights for it.
            OSError: The weights cannot be read or downloaded.
        """
        model, path, quick_gelu, preprocessing, source, self.digest = _find(spec)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._precision = precision(self._device)
        self._lanes = Lanes(self._device, at_once=AT_ONCE, shares=True)
        self.lanes, self.batch = self._lanes.count, self._lanes.at_once
        # open_clip would download these settings again; with them, the file of weights is enough.
        self._create = partial(
            open_clip.create_model,
            model,
            pretrained=str(path),
            force_quick_gelu=quick_gelu,
            force_preprocess_cfg=preprocessing,
            pretrained_text=False,
        )
        self._model = self._create()
        self._model.eval().requires_grad_(False).to(self._device, self._precision)
        read_first_token(self._model.visual)
        if self._device.type == "cpu" and self._precision == torch.bfloat16:
            pack(self._model.visual)
        self._settings = settings = PreprocessCfg(**self._model.visual.preprocess_cfg)
        self._to_tensor = image_transform_v2(settings, is_train=False)
        self._model_name, self._lock = model, Lock()
        self._tokenizer: Any = None
        size = settings.size
        self.image_size: int = size if isinstance(size, int) else max(size)
        self.steps = _steps(settings, self.image_size)
        self.seen = 1.0 if settings.resize_mode == "shortest" else None
        self.name = f"{model}/{path.name}" if ":" in spec else spec
        digits = str(self._precision).removeprefix("torch.")
        self.identity = f"open_clip:{model}:{source}:{digits}:{VERSION}"
        first = self.preprocess(Image.new("RGB", (self.image_size, self.image_size)))
        self.dimension = self._lanes.run(self._forward, first[None]).shape[1]
        self.near_duplicate = calibrate(self)

    def preprocess(self, rgb: Image.Image) -> Floats:
        """See ``Encoder``."""
        return transformed(rgb, lambda image: self._to_tensor(image).numpy())

    def normalise(self, squares: NDArray[np.uint8]) -> Floats:
        """See ``Encoder``."""
        return normalised(squares, self._settings.mean, self._settings.std)

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
                self._tokenizer = weights.tokenizer(self._model_name)
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

    def portable(self) -> Portable:
        """See ``Encoder``; the published weights are read again, in float32."""
        if self.steps is None:
            raise ValueError(f"{self.name} pads images, which an exported model cannot do yet.")
        visual = self._create().eval().requires_grad_(False).visual
        return Portable(visual, self.steps, self._settings.mean, self._settings.std)

    def _forward(self, pixels: Floats) -> Floats:
        with torch.inference_mode():
            batch = torch.from_numpy(pixels).to(self._device, self._precision)
            found: Floats = self._model.encode_image(batch).float().cpu().numpy()
        return found


def precision(device: torch.device) -> torch.dtype:
    """Return bfloat16 if the device has instructions for it, otherwise float32."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        has = torch.cpu.get_capabilities()
        fast = bool(has.get("avx512_bf16") or has.get("amx_bf16"))
    return torch.bfloat16 if fast else torch.float32


def _steps(settings: PreprocessCfg, size: int) -> Preprocessing | None:
    """Return a model's way to resize and crop; None if it pads images, which is not supported."""
    if settings.resize_mode not in ("shortest", "squash"):
        return None
    squash = settings.resize_mode == "squash"
    return Preprocessing(size, squash=squash, interpolation=settings.interpolation, crop=size)


def _find(spec: str) -> tuple[str, Path, bool, dict[str, Any], str, str | None]:
    """Return the model, its file of weights, quick_gelu, the preprocessing, and two more.

    These are the part of the identity that stands for the weights, and their digest unless that
    part contains it.
    """
    model, colon, where = spec.partition(":")
    if colon:
        if open_clip.get_model_config(model) is None:
            raise ValueError(f"open_clip has no model {model!r}.")
        path = Path(where)
        return model, path, False, {}, weights.digest(path)[:16], None
    model, slash, tag = spec.partition("/")
    if not slash:
        raise ValueError(
            f"{spec!r} is not an encoder. Use bundled, model/pretrained or model:PATH."
        )
    known = weights.configuration(model, tag)
    keys = asdict(PreprocessCfg()).keys() & known.keys()
    preprocessing = {key: known[key] for key in keys}
    path, digest = weights.fetch(model, tag)
    return model, path, bool(known.get("quick_gelu")), preprocessing, tag, digest
