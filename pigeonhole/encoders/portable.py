"""An encoder's network as a plain module, for programs that run it without this package."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module

from pigeonhole.encoders.parts import LEAST_WEIGHT
from pigeonhole.encoders.preprocessing import Preprocessing


class Portable(Module):
    """A module from the parts of an image to its embedding.

    It joins the parts as ``parts.joined`` does, and computes in float32, whatever precision the
    encoder has on this machine.
    """

    mean: Tensor
    std: Tensor
    center: Tensor

    def __init__(
        self,
        network: Callable[[Tensor], Tensor],
        preprocessing: Preprocessing,
        mean: Sequence[float],
        std: Sequence[float],
        center: Any = 0.0,
    ) -> None:
        """Wrap a network.

        Args:
            network: Maps normalised pixels (n, 3, crop, crop) to features (n, dimension).
            preprocessing: How an image is resized and cropped before.
            mean: Mean of each colour channel, 0 to 1.
            std: Standard deviation of each colour channel, 0 to 1.
            center: What is subtracted from the features, ``(dimension,)`` or a number.
        """
        super().__init__()
        self.network = network
        self.preprocessing = preprocessing
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1) * 255)
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1) * 255)
        self.register_buffer("center", torch.as_tensor(center, dtype=torch.float32))

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the embedding ``(1, dim)``, of unit length, of ``pixels`` (parts, crop, crop, 3).

        The pixels are uint8.
        """
        scaled = (pixels.permute(0, 3, 1, 2).float() - self.mean) / self.std
        features = self.network(scaled) - self.center
        rows = torch.nn.functional.normalize(features, dim=-1)
        mean = torch.nn.functional.normalize(rows.mean(dim=0), dim=0)
        weights = LEAST_WEIGHT + (1 - rows @ mean).clamp(min=0)
        return torch.nn.functional.normalize(weights @ rows, dim=0)[None]
