"""Weights in the memory layout that the processor's matrix products need.

A linear layer in bfloat16 converts its weights to that layout on every call. For a single image the
conversion takes a quarter as long as the products themselves. The convolution that cuts an image
into patches is written as a product too, which takes a fifth of its time for a single image.
"""

from typing import Any

import torch
from open_clip.transformer import ResidualAttentionBlock, VisionTransformer
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from pigeonhole.encoders.last_block import FirstToken

ROWS = 64
"""The number of rows that the layout is chosen for; it is as good for more rows."""


def pack(tower: nn.Module) -> None:
    """Pack the patch and block weights of an open_clip tower in bfloat16, for inference only.

    This uses oneDNN operations of torch's compiler. If torch lacks them, nothing changes.
    """
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        return
    for block in tower.modules():
        if isinstance(block, VisionTransformer) and _cuts_patches(block.conv1):
            block.conv1 = _Patches(block.conv1)
        if type(block) not in (ResidualAttentionBlock, FirstToken):
            continue
        attention = block.attn
        if isinstance(attention, nn.MultiheadAttention) and attention.batch_first:
            block.attn = _SelfAttention(attention)
            for name in ("c_fc", "c_proj"):
                layer = getattr(block.mlp, name)
                setattr(block.mlp, name, _Linear(layer.weight, layer.bias))


class _Linear(nn.Module):
    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self.packed = torch.ops.mkldnn._reorder_linear_weight(weight.detach(), ROWS)
        self.bias = None if bias is None else bias.detach()

    def forward(self, rows: Tensor) -> Tensor:
        """Return ``rows @ weight.T + bias``."""
        found: Tensor = torch.ops.mkldnn._linear_pointwise(
            rows, self.packed, self.bias, "none", [], ""
        )
        return found


def _cuts_patches(layer: nn.Module) -> bool:
    """Return whether a convolution reads each pixel exactly once."""
    return (
        type(layer) is nn.Conv2d
        and layer.kernel_size == layer.stride
        and layer.padding == (0, 0)
        and layer.groups == 1
    )


class _Patches(nn.Module):
    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        self.size = layer.kernel_size
        self.products = _Linear(layer.weight.flatten(1), layer.bias)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the convolution of ``pixels`` (n, 3, h, w)."""
        n, channels, height, width = pixels.shape
        high, wide = self.size
        down, across = height // high, width // wide
        whole = pixels[:, :, : down * high, : across * wide]
        patches = whole.reshape(n, channels, down, high, across, wide).permute(0, 2, 4, 1, 3, 5)
        found: Tensor = self.products(patches.reshape(n, down * across, -1))
        return found.transpose(1, 2).reshape(n, -1, down, across)


class _SelfAttention(nn.Module):
    def __init__(self, layer: nn.MultiheadAttention) -> None:
        super().__init__()
        self.projections = _Linear(layer.in_proj_weight, layer.in_proj_bias)
        self.out = _Linear(layer.out_proj.weight, layer.out_proj.bias)
        self.heads = layer.num_heads

    def forward(
        self, x: Tensor, keys: Tensor, values: Tensor, attn_mask: Tensor | None = None, **_: Any
    ) -> tuple[Tensor, None]:
        """Return the attention (n, m, width) of ``x`` to ``keys`` (n, length, width), and None.

        Raises:
            ValueError: ``x`` is not the first ``m`` of the keys, or the values are not the keys.
        """
        if x.data_ptr() != keys.data_ptr() or values is not keys:
            raise ValueError("This layer only supports attention to its own input.")
        n, length, width = keys.shape
        split = self.projections(keys).view(n, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        queries = x.shape[1]
        found = scaled_dot_product_attention(query[:, :, :queries], key, value, attn_mask)
        return self.out(found.transpose(1, 2).reshape(n, queries, width)), None
