"""The network of the bundled encoder, as torch loads and runs it."""

from pathlib import Path
from typing import Any

import timm
import torch
from torch.nn import BatchNorm2d, Conv2d, Module
from torch.nn.utils.fusion import fuse_conv_bn_eval

from pigeonhole.encoders.digests import check_digest
from pigeonhole.encoders.lanes import Lanes
from pigeonhole.encoders.preprocessing import Floats

DIGEST = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"
"""SHA-256 of the weights."""
AT_ONCE = 1  # images per pass of torch; more are not faster


class Network:
    """The network without its classifier, with each batch normalisation folded into a convolution.

    Attributes:
        module: The network, from normalised pixels (n, 3, 260, 260) to features (n, 1280).
        classes: The weights of its classifier, ``(1000, 1280)``.
        lanes: The number of passes that run in parallel.
        batch: The number of images in a pass.
    """

    def __init__(self, file: Path) -> None:
        """Load the weights.

        Raises:
            ValueError: The file is not the expected one.
        """
        check_digest(file, DIGEST)
        network: Any = timm.create_model("tf_efficientnet_lite2", pretrained=False)
        # The file has the names of another implementation, but its tensors are in the same order.
        tensors = torch.load(file, map_location="cpu", weights_only=True).values()
        network.load_state_dict(dict(zip(network.state_dict(), tensors, strict=True)))
        network.eval().requires_grad_(False)
        self.classes: Floats = network.get_classifier().weight.numpy().copy()
        network.reset_classifier(0)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.module = _fused(network).to(self._device, memory_format=torch.channels_last)
        self._lanes = Lanes(self._device, at_once=AT_ONCE)
        self.lanes, self.batch = self._lanes.count, self._lanes.at_once

    def run(self, pixels: Floats) -> Floats:
        """Return the features ``(n, 1280)`` of ``pixels`` (n, 3, 260, 260), n at least 1."""
        return self._lanes.run(self._forward, pixels)

    def on_cpu(self) -> Module:
        """Return the module on the CPU, in the usual memory format; it may be this one."""
        module: Module = self.module.to("cpu", memory_format=torch.contiguous_format)
        return module

    def _forward(self, pixels: Floats) -> Floats:
        with torch.inference_mode():
            part = torch.from_numpy(pixels)
            batch = part.to(self._device, memory_format=torch.channels_last)
            found: Floats = self.module(batch).cpu().numpy()
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
