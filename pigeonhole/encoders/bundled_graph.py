"""The bundled network as a graph of OpenVINO, built layer by layer from the weights in torch."""

from typing import Any

import numpy as np
from timm.layers.conv2d_same import Conv2dSame
from torch.nn import Conv2d, Identity, Module, ReLU6

from pigeonhole.encoders.quiet_openvino import openvino, operators

Node = Any  # openvino's nodes have no type annotations

SPATIAL = [2, 3]  # axes of height and width


def build(network: Any, side: int) -> openvino.Model:
    """Return the graph of a network without batch normalisations, for a square image.

    Building it takes a moment, and needs no tracing or conversion.

    Raises:
        TypeError: The network has a layer that is not supported.
    """
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
