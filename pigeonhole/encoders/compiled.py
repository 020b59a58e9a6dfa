"""The bundled network compiled by OpenVINO, which is faster than torch on CPUs.

The graph is built layer by layer from the network's weights at each start. That takes a moment, and
needs no tracing, conversion or file. It computes in float32 like torch, so its embeddings can be
compared with those of torch.
"""

from threading import Lock
from typing import Any

import numpy as np
import openvino
import openvino.opset13 as operators
import torch
from numpy.typing import NDArray
from timm.layers.conv2d_same import Conv2dSame
from torch.nn import Conv2d, Identity, Module, ReLU6

Floats = NDArray[np.float32]
Node = Any  # openvino's nodes have no type annotations

SPATIAL = [2, 3]  # axes of height and width
CORES = torch.get_num_threads()  # OMP_NUM_THREADS, or the number of cores


class Compiled:
    """An EfficientNet-Lite without batch normalisations, compiled by OpenVINO.

    A single image uses all cores. The images of a batch are computed in parallel, one per core.
    """

    at_once = 32  # images per batch; more are not faster

    def __init__(self, network: Module, side: int) -> None:
        """Compile a network for square images of ``side`` pixels.

        Raises:
            TypeError: The network has a layer that is not supported.
        """
        model = _graph(network, side)
        core = openvino.Core()
        settings = {
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": CORES,
            "ENABLE_CPU_PINNING": False,  # another process may be pinned to the same cores
        }
        alone = core.compile_model(model, "CPU", {**settings, "NUM_STREAMS": 1})
        beside = core.compile_model(model, "CPU", {**settings, "NUM_STREAMS": CORES})
        self._alone, self._queue = alone.create_infer_request(), openvino.AsyncInferQueue(beside)
        self._alone_lock, self._queue_lock = Lock(), Lock()
        self._queue.set_callback(_keep)

    def run(self, pixels: Floats) -> Floats:
        """Return the features ``(n, dimension)`` of ``pixels`` (n, 3, side, side), n at least 1."""
        if len(pixels) == 1:
            with self._alone_lock:
                self._alone.infer([pixels])
                return np.array(self._alone.get_output_tensor().data)
        rows: list[Floats] = [np.empty(0, np.float32)] * len(pixels)
        with self._queue_lock:
            for place in range(len(pixels)):
                self._queue.start_async([pixels[place : place + 1]], (rows, place))
            self._queue.wait_all()
        return np.stack(rows)


def _keep(request: Any, given: tuple[list[Floats], int]) -> None:
    rows, place = given
    rows[place] = np.array(request.get_output_tensor().data[0])


def _graph(network: Any, side: int) -> openvino.Model:
    pixels = operators.parameter([1, 3, side, side], np.float32)
    node = _activated(_convolved(pixels, network.conv_stem), network.bn1)
    for stage in network.blocks:
        for block in stage:
            node = _block(node, block)
    node = _activated(_convolved(node, network.conv_head), network.bn2)
    return openvino.Model([operators.reduce_mean(node, SPATIAL)], [pixels])


def _block(start: Node, block: Any) -> Node:
    """Add the layers of a timm ``DepthwiseSeparableConv`` or ``InvertedResidual``, in order."""
    node, layers = start, dict(block.named_children())
    for name, layer in layers.items():
        if isinstance(layer, Conv2d):
            node = _convolved(node, layer)
        elif name.startswith("bn"):
            node = _activated(node, layer)
        elif not isinstance(layer, Identity):
            raise TypeError(f"{type(layer).__name__} is not supported.")
    return operators.add(node, start) if block.has_skip else node


def _convolved(node: Node, layer: Conv2d) -> Node:
    weights = layer.weight.detach().cpu().numpy()
    same = isinstance(layer, Conv2dSame)  # padded as in TensorFlow: more at the end than the start
    padding = [0, 0] if same else list(layer.padding)
    given = (list(layer.stride), padding, padding, list(layer.dilation))
    auto_pad = "same_upper" if same else "explicit"
    if layer.groups == 1:
        found = operators.convolution(node, weights, *given, auto_pad=auto_pad)
    else:
        grouped = weights.reshape(layer.groups, -1, *weights.shape[1:])
        found = operators.group_convolution(node, grouped, *given, auto_pad=auto_pad)
    bias = layer.bias
    if bias is None:
        raise TypeError("The network's batch normalisations must be folded first.")
    return operators.add(found, bias.detach().cpu().numpy().reshape(1, -1, 1, 1))


def _activated(node: Node, layer: Module) -> Node:
    match layer:
        case ReLU6():
            return operators.clamp(node, 0.0, 6.0)
        case Identity():
            return node
    raise TypeError(f"{type(layer).__name__} is not supported.")
