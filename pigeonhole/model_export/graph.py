"""A model as one ONNX graph, from the pixels of an image to calibrated confidences."""

import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import Module

from pigeonhole.classifier import novelty
from pigeonhole.classifier.nearness import SHARPNESS as GATE_SHARPNESS
from pigeonhole.classifier.untaught import Gate
from pigeonhole.encoders.portable import Portable

OPSET = 20
"""The version of ONNX's operators; onnxruntime supports it from 1.17 on."""

Arrays = Mapping[str, NDArray[np.generic]]


class Head(Module):
    """The arrays of ``FewShotClassifier.to_arrays`` as a module, from embeddings to answers.

    It returns confidences ``(n, kept)``, as ``predict_proba`` does, among the kept labels, and
    ``strangeness`` ``(n,)``.
    """

    weights: Tensor
    bias: Tensor
    doubt: Tensor
    origin: Tensor
    axes: Tensor
    directions: Tensor
    centres: Tensor
    spreads: Tensor
    own: Tensor
    gate_names: Tensor
    gate_origin: Tensor
    gate_means: Tensor
    gate_offsets: Tensor
    gate_weights: Tensor
    taught: Tensor
    untaught: Tensor
    place: Tensor
    kept: Tensor

    def __init__(self, arrays: Arrays, kept: list[int]) -> None:
        """Set the arrays of a classifier, and the indices of the labels that still exist."""
        super().__init__()
        self.gated = "gate_weights" in arrays
        if self.gated:
            arrays = {**arrays, **Gate.from_arrays(arrays).to_arrays()}
        floats = {
            name: torch.from_numpy(np.array(array, np.float32))
            for name, array in arrays.items()
            if name not in ("labels", "taught")
        }
        for name, tensor in floats.items():
            self.register_buffer(name, tensor)
        taught = np.asarray(arrays["taught"], bool)
        order = np.concatenate([np.flatnonzero(taught), np.flatnonzero(~taught)])
        self.register_buffer("taught", torch.from_numpy(np.flatnonzero(taught)))
        self.register_buffer("untaught", torch.from_numpy(np.flatnonzero(~taught)))
        self.register_buffer("place", torch.from_numpy(np.argsort(order)))
        self.register_buffer("kept", torch.tensor(kept))

    def forward(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return confidences ``(n, kept)`` and strangeness ``(n,)`` of embeddings ``(n, dim)``."""
        logits = rows @ self.weights + self.bias
        share = self._own_share(logits, self._cosines(rows))
        if self.gated:
            logits = self._gated(rows, logits)
        proba = torch.softmax(logits, dim=1)
        proba = (1 - self.doubt) * proba + self.doubt / proba.shape[1]
        if self.gated:
            share = torch.maximum(share, proba[:, self.untaught].sum(dim=1))
        found = proba[:, self.kept]
        return found + (1 - found.sum(dim=1, keepdim=True)) / found.shape[1], share

    def _cosines(self, rows: Tensor) -> Tensor:
        """Compute ``novelty.Shape.cosines``."""
        away = rows - self.origin
        along = away @ self.axes
        squared = (away * away).sum(dim=1) - (along * along).sum(dim=1)
        return away @ self.directions / squared.clamp(min=1e-12).sqrt()[:, None]

    def _own_share(self, logits: Tensor, cosines: Tensor) -> Tensor:
        """Compute the strangeness as ``novelty.looks_of`` and ``novelty.Novelty`` do."""
        absent = logits < logits.amax(dim=1, keepdim=True) - 1e3
        there = (~absent).sum(dim=1, keepdim=True).clamp(min=1)
        middle = torch.where(absent, 0.0, logits).sum(dim=1, keepdim=True) / there
        soft, sharp = novelty.SOFTENING, novelty.SHARPNESS
        looks = torch.stack(
            [
                -torch.logsumexp(soft * (logits - middle), dim=1) / soft,
                -torch.logsumexp(sharp * cosines, dim=1),
            ],
            dim=1,
        )
        scores = ((looks - self.centres) / self.spreads).sum(dim=1)
        stranger = (self.own[None, :] >= scores[:, None]).sum(dim=1)
        return (stranger + 1.0) / (self.own.shape[0] + 1)

    def _gated(self, rows: Tensor, logits: Tensor) -> Tensor:
        """Compute ``untaught.Gate.logits``."""
        named = rows @ self.gate_names
        away = torch.nn.functional.normalize(rows - self.gate_origin, dim=1, eps=1e-12)
        cosines = away @ self.gate_means - self.gate_offsets
        near = torch.logsumexp(GATE_SHARPNESS * cosines, dim=1) / GATE_SHARPNESS
        scaled = self.gate_weights[4] * named
        odds = torch.logsumexp(scaled[:, self.taught], dim=1) - torch.logsumexp(
            scaled[:, self.untaught], dim=1
        )
        weights = self.gate_weights
        score = (weights[0] * near + weights[1] * odds + weights[2])[:, None]
        both = [
            torch.log_softmax(logits, dim=1) + torch.nn.functional.logsigmoid(score),
            torch.log_softmax(weights[3] * named[:, self.untaught], dim=1)
            + torch.nn.functional.logsigmoid(-score),
        ]
        return torch.cat(both, dim=1)[:, self.place]


class Whole(Module):
    """A model: an encoder followed by a head."""

    def __init__(self, encoder: Portable, head: Head) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = head

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the answer for the parts of one image, ``(parts, crop, crop, 3)``, uint8."""
        confidences, strangeness = self.head(self.encoder(pixels))
        return confidences, strangeness


def write(encoder: Portable, head: Head, file: Path) -> None:
    """Write the graph with input ``pixels`` and outputs ``confidences`` and ``strangeness``."""
    side = encoder.preprocessing.crop
    pixels = torch.zeros((2, side, side, 3), dtype=torch.uint8)
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # its fused operator has no ONNX form
    try:
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                Whole(encoder, head).eval(),
                (pixels,),
                file,
                input_names=["pixels"],
                output_names=["confidences", "strangeness"],
                dynamic_shapes={"pixels": {0: torch.export.Dim("parts")}},
                opset_version=OPSET,
                dynamo=True,
                external_data=False,
                verbose=False,
            )
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
