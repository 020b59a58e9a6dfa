"""The towers of an open_clip model, as torch loads and runs them."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import open_clip
import torch
from open_clip.transform import PreprocessCfg
from torch.nn import Module

from pigeonhole.encoders import weights
from pigeonhole.encoders.facts import Facts
from pigeonhole.encoders.imports import ONE_AT_A_TIME
from pigeonhole.encoders.lanes import Lanes
from pigeonhole.encoders.last_block import read_first_token
from pigeonhole.encoders.portable import Portable
from pigeonhole.encoders.preprocessing import Floats, unit
from pigeonhole.encoders.words import readable, sentences

AT_ONCE = 8  # images per pass of torch; more are not faster
TEMPLATES = (
    "a photo of a {}",
    "a photo of the {}",
    "a close-up photo of a {}",
    "a picture of {}",
    "{}",
)


class ClipNetwork:
    """A model on a GPU or a CPU.

    The whole module is cast to its precision. Autocast would be slower than float32 on a CPU.

    Attributes:
        facts: What is known of the model besides its weights.
        precision: ``float32`` or ``bfloat16``.
        lanes: The number of passes that run in parallel.
        batch: The number of images in a pass.
    """

    def __init__(
        self,
        spec: str,
        device: torch.device,
        precision: str | None = None,
        *,
        texts_only: bool = False,
    ) -> None:
        """Load ``model/pretrained``, or ``model:PATH`` with a file of a state dict.

        Args:
            spec: The model.
            device: Where to run it.
            precision: ``float32`` or ``bfloat16``. None: what the device is fastest at.
            texts_only: Whether to leave out the image tower.

        Raises:
            ValueError: There is no such model, or no such weights for it.
            OSError: The weights cannot be read or downloaded.
        """
        found = _find(spec)
        self._device, self.precision = device, precision or fastest(device)
        self._type: torch.dtype = getattr(torch, self.precision)
        self._model: Any = found.create()
        self.facts = found.facts(self._model)
        if texts_only:
            self._model.visual = None
        else:
            read_first_token(self._model.visual)
        self._model.eval().requires_grad_(False).to(device, self._type)
        self._lanes = Lanes(device, at_once=AT_ONCE, shares=True)
        self.lanes, self.batch = self._lanes.count, self._lanes.at_once
        self._tokenizer: Any = None
        self._lock = Lock()

    def run(self, pixels: Floats) -> Floats:
        """Return the features ``(n, dimension)`` of ``pixels`` (n, 3, side, side), n at least 1."""
        return self._lanes.run(self._forward, pixels)

    def embed_texts(
        self, names: Sequence[str], descriptions: Sequence[str | None] | None = None
    ) -> list[Floats]:
        """Return an embedding ``(dimension,)`` for each name; see ``Encoder``."""
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = weights.tokenizer(self.facts.model)
        known = {
            token.removesuffix("</w>")
            for token in getattr(self._tokenizer, "encoder", {})
            if token.endswith("</w>")
        }
        rows = []
        for name, said in zip(names, descriptions or [None] * len(names), strict=True):
            tokens = self._tokenizer(sentences(readable(name, known), said, TEMPLATES))
            with torch.inference_mode():
                found = self._model.encode_text(tokens.to(self._device))
            rows.append(unit(unit(found.float().cpu().numpy()).mean(axis=0)))
        return rows

    def converted(self) -> Any:
        """Return the image tower as a graph of OpenVINO, for any number of images.

        Raises:
            Exception: It cannot be converted; each kind of layer fails in its own way.
        """
        with ONE_AT_A_TIME:
            from pigeonhole.encoders.quiet_openvino import openvino

        side = self.facts.size
        with _plain_attention(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tracing warns of each shape that becomes a constant
            return openvino.convert_model(
                _Images(self._model),
                example_input=torch.zeros(2, 3, side, side),
                input=[openvino.PartialShape([-1, 3, side, side])],
            )

    def _forward(self, pixels: Floats) -> Floats:
        with torch.inference_mode():
            batch = torch.from_numpy(pixels).to(self._device, self._type)
            found: Floats = self._model.encode_image(batch).float().cpu().numpy()
        return found


class _Images(Module):
    """A model of which only the image tower runs."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the features of normalised pixels."""
        found: torch.Tensor = self.model.encode_image(pixels)
        return found


@contextmanager
def _plain_attention() -> Iterator[None]:
    """Let torch compute attention by operators that OpenVINO knows."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def best_device() -> torch.device:
    """Return the GPU if there is one, otherwise the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fastest(device: torch.device) -> str:
    """Return ``bfloat16`` if the device has instructions for it, otherwise ``float32``."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        has = torch.cpu.get_capabilities()
        fast = bool(has.get("avx512_bf16") or has.get("amx_bf16"))
    return "bfloat16" if fast else "float32"


def portable(spec: str) -> Portable:
    """Return the image tower in float32, for programs that run it without this package.

    Raises:
        ValueError: Other programs cannot reproduce its preprocessing, or there is no such model.
        OSError: Its weights cannot be read or downloaded.
    """
    found = _find(spec)
    model: Any = found.create()
    facts = found.facts(model)
    if facts.steps is None:
        raise ValueError(f"{spec} sees images that are not square, which cannot be exported.")
    visual = model.eval().requires_grad_(False).visual
    return Portable(visual, facts.steps, facts.mean, facts.std)


@dataclass(frozen=True)
class _Found:
    """A model and its weights, which have not been loaded."""

    model: str
    file: Path
    source: str
    digest: str | None
    create: Callable[[], Any]

    def facts(self, model: Any) -> Facts:
        """Return what is known of the model, which ``create`` returned."""
        stat = self.file.stat()
        return Facts(
            model=self.model,
            source=self.source,
            digest=self.digest,
            file=str(self.file.absolute()),
            file_size=stat.st_size,
            file_changed=stat.st_mtime_ns,
            preprocessing=asdict(PreprocessCfg(**model.visual.preprocess_cfg)),
        )


def _find(spec: str) -> _Found:
    model, colon, where = spec.partition(":")
    if colon:
        if open_clip.get_model_config(model) is None:
            raise ValueError(f"open_clip has no model {model!r}.")
        file, source, digest = Path(where), weights.digest(Path(where))[:16], None
        configured: Mapping[str, object] = {}
    else:
        model, slash, source = spec.partition("/")
        if not slash:
            raise ValueError(
                f"{spec!r} is not an encoder. Use bundled, model/pretrained or model:PATH."
            )
        configured = weights.configuration(model, source)
        file, digest = weights.fetch(model, source)
    # open_clip would download these settings again; with them, the file of weights is enough.
    create = partial(
        open_clip.create_model,
        model,
        pretrained=str(file),
        force_quick_gelu=bool(configured.get("quick_gelu")),
        force_preprocess_cfg={
            key: configured[key] for key in asdict(PreprocessCfg()).keys() & configured.keys()
        },
        pretrained_text=False,
    )
    return _Found(model, file, source, digest, create)
