"""CLIP and similar models from open_clip."""

import hashlib
import logging
from collections.abc import Sequence
from functools import cached_property, partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pigeonhole.encoders.facts import Facts
from pigeonhole.encoders.gpu import has_gpu
from pigeonhole.encoders.imports import ONE_AT_A_TIME
from pigeonhole.encoders.kept import kept
from pigeonhole.encoders.known import pin_of
from pigeonhole.encoders.noise import noise
from pigeonhole.encoders.precisions import NO_INSTRUCTIONS, refused
from pigeonhole.encoders.preprocessing import VERSION, Floats, unit
from pigeonhole.kinds import Precision

if TYPE_CHECKING:
    from pigeonhole.encoders.clip_network import ClipNetwork
    from pigeonhole.encoders.compiled import Compiled

GRAPH = 1  # raise it if what is derived from the weights changes
GRAPH_FILE, FACTS_FILE, CHECKED_FILE = "graph.xml", "facts.json", "checked.npz"
PIECE = 4  # images that a core computes at once; more are not faster
COMPARED = 8  # images of noise by which a precision is checked
LEAST_COSINE = {"float32": 0.9999, "bfloat16": 0.999}
"""The least cosine of embeddings to those of torch in float32, for a precision to be used."""

logger = logging.getLogger(__name__)


class ClipEncoder:
    """An open_clip model: its image tower, and its text tower, which is loaded at first use.

    On a CPU, OpenVINO runs the image tower. The tower is converted once, which takes a quarter of a
    minute, and can be kept in a folder; a later start then does not import torch. torch runs it on
    a GPU, where there is no OpenVINO, and if it cannot be converted. It always runs the text tower.

    On a processor or GPU with instructions for bfloat16, everything is computed in it, which costs
    less than 1e-3 of cosine and is nearly twice as fast.
    """

    warning: str | None = None

    def __init__(
        self,
        spec: str,
        *,
        folder: Path | None = None,
        precision: Precision = Precision.AUTO,
    ) -> None:
        """Load ``model/pretrained``, or ``model:PATH`` with a file of a state dict.

        Args:
            spec: The model.
            folder: Where to keep the converted tower. None: nothing is kept.
            precision: What to compute in. `auto` is bfloat16 where the machine has instructions
                for it and embeddings stay the same, otherwise float32.

        Raises:
            ValueError: There is no such model, or no such weights for it, or this machine cannot
                compute in this precision.
            OSError: The weights cannot be read or downloaded.
        """
        self._spec, self._wanted, self._lock = spec, precision, Lock()
        if find_spec("openvino") is None or has_gpu() or not self._use_openvino(folder):
            self._use_torch()
        facts = self._facts
        self.name = f"{facts.model}/{Path(facts.file).name}" if ":" in spec else spec
        self.digest, self.image_size = facts.digest, facts.size
        self.steps, self.seen = facts.steps, facts.seen
        self.identity = facts.identity(self._precision)

    def _use_openvino(self, folder: Path | None) -> bool:
        """Return whether OpenVINO can run the image tower."""
        versions = [version(each) for each in ("openvino", "open-clip-torch", "timm")]
        follows_from = f"{self._spec} {pin_of(self._spec)} {GRAPH} {VERSION} {versions}"
        name = f"clip-{hashlib.sha256(self._spec.encode()).hexdigest()[:8]}"
        try:
            with kept(
                folder, name, follows_from, partial(_derive, self._spec), is_current=_is_current
            ) as files:
                self._facts = Facts.read(files / FACTS_FILE)
                with np.load(files / CHECKED_FILE) as checked:
                    expected, self.near_duplicate = checked["rows"], float(checked["duplicate"])
                compiled = self._compiled(files, expected)
        except _ConversionError as error:
            logger.warning("torch runs the image tower of %s: %s", self._spec, error)
            return False
        if compiled is None:
            return False
        self.runtime, self.lanes, self.batch = "openvino", 1, compiled.at_once
        self.dimension, self._precision = expected.shape[1], compiled.precision
        self._run = compiled.run
        return True

    def _compiled(self, files: Path, expected: Floats) -> "Compiled | None":
        """Return the image tower in the wanted or fastest precision that gives these embeddings.

        Args:
            files: What ``_derive`` wrote.
            expected: The embeddings of the compared images by torch in float32.
        """
        with ONE_AT_A_TIME:
            from pigeonhole.encoders.compiled import Compiled, has_bfloat16

        tried = [str(self._wanted)]
        if self._wanted is Precision.AUTO:
            tried = ["bfloat16", "float32"] if has_bfloat16() else ["float32"]
        elif self._wanted is Precision.BFLOAT16 and not has_bfloat16():
            raise refused(self._spec, NO_INSTRUCTIONS)
        pixels = _compared(self._facts)
        for precision in tried:
            compiled = Compiled(files / GRAPH_FILE, precision, piece=PIECE)
            rows = unit(np.concatenate([compiled.run(each[None]) for each in pixels]))
            cosine = float((rows * expected).sum(axis=1).min())
            if cosine >= LEAST_COSINE[precision]:
                return compiled
            logger.info("%s in %s has a cosine of %.5f", self._spec, precision, cosine)
        if self._wanted is Precision.BFLOAT16:
            raise refused(self._spec, f"its embeddings would change (cosine {cosine:.4f})")
        return None

    def _use_torch(self) -> None:
        with ONE_AT_A_TIME:
            from pigeonhole.encoders.clip_network import ClipNetwork, best_device, fastest
            from pigeonhole.encoders.duplicates import calibrate

        device, wanted = best_device(), None
        if self._wanted is not Precision.AUTO:
            wanted = str(self._wanted)
            if wanted == "bfloat16" and fastest(device) != wanted:
                raise refused(self._spec, NO_INSTRUCTIONS)
        self._text = network = ClipNetwork(self._spec, device, wanted)
        self._facts, self._precision, self._run = network.facts, network.precision, network.run
        self.runtime, self.lanes, self.batch = "torch", network.lanes, network.batch
        self.dimension = network.run(_compared(self._facts)[:1]).shape[1]
        self.near_duplicate = calibrate(self.preprocess, self.embed)

    def preprocess(self, rgb: Image.Image) -> Floats:
        """See ``Encoder``."""
        return self._facts.preprocess(rgb)

    def normalise(self, squares: NDArray[np.uint8]) -> Floats:
        """See ``Encoder``."""
        return self._facts.normalise(squares)

    def embed(self, pixels: Floats) -> Floats:
        """See ``Encoder``."""
        if not len(pixels):
            return np.empty((0, self.dimension), np.float32)
        return unit(self._run(pixels))

    def embed_texts(
        self, names: Sequence[str], descriptions: Sequence[str | None] | None = None
    ) -> Floats:
        """See ``Encoder``; the first call may load the model.

        Raises:
            OSError: The weights cannot be read, or are no longer those of the image tower.
        """
        if not names:
            return np.empty((0, self.dimension), np.float32)
        with self._lock:
            network = self._text
        return np.stack(network.embed_texts(names, descriptions))

    @cached_property
    def _text(self) -> "ClipNetwork":
        with ONE_AT_A_TIME:
            from pigeonhole.encoders.clip_network import ClipNetwork, best_device

        network = ClipNetwork(self._spec, best_device(), self._precision, texts_only=True)
        if network.facts.identity("") != self._facts.identity("") or (
            network.facts.digest != self._facts.digest
        ):
            raise OSError(f"The weights of {self._spec} have changed: restart this process.")
        return network


class _ConversionError(Exception):
    """OpenVINO cannot run an image tower."""


def _derive(spec: str, folder: Path) -> None:
    """Write a model's image tower as a graph, what else is known of it, and some embeddings."""
    with ONE_AT_A_TIME:
        import torch

        from pigeonhole.encoders.clip_network import ClipNetwork
        from pigeonhole.encoders.duplicates import calibrate
        from pigeonhole.encoders.quiet_openvino import openvino

    network = ClipNetwork(spec, torch.device("cpu"), "float32")
    facts = network.facts
    try:
        model = network.converted()
    except Exception as error:
        raise _ConversionError(f"OpenVINO cannot convert it: {error}") from error
    openvino.save_model(model, folder / GRAPH_FILE, compress_to_fp16=False)
    facts.write(folder / FACTS_FILE)
    np.savez(
        folder / CHECKED_FILE,
        rows=unit(network.run(_compared(facts))),
        duplicate=calibrate(facts.preprocess, lambda pixels: unit(network.run(pixels))),
    )


def _is_current(files: Path) -> bool:
    return Facts.read(files / FACTS_FILE).is_current


def _compared(facts: Facts) -> Floats:
    """Return pixels by which precisions are compared."""
    squares = (noise(facts.size, COMPARED) + 1) * 127.5
    return facts.normalise(squares.astype(np.uint8))
