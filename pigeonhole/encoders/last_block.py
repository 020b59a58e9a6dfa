"""The last block of a vision transformer, reduced to the one token that is used."""

from typing import Any

from open_clip.transformer import ResidualAttentionBlock, VisionTransformer
from torch import Tensor, nn


def read_first_token(tower: nn.Module) -> None:
    """Let the last block of an open_clip tower compute only its first token, if no other is used.

    The other tokens are only needed as keys and values there. Not computing their outputs saves
    ten twelfths of the block's work, and the result is the same.
    """
    if not isinstance(tower, VisionTransformer):
        return
    layers = tower.transformer
    reads_first = tower.pool_type == "tok" and tower.attn_pool is None and not tower.output_tokens
    if reads_first and layers.batch_first and type(layers.resblocks[-1]) is ResidualAttentionBlock:
        layers.resblocks[-1] = FirstToken(layers.resblocks[-1])


class FirstToken(nn.Module):
    """A block that computes only its first token."""

    def __init__(self, block: ResidualAttentionBlock) -> None:
        """Use the layers of ``block``."""
        super().__init__()
        self.ln_1, self.attn, self.ls_1 = block.ln_1, block.attn, block.ls_1
        self.ln_2, self.mlp, self.ls_2 = block.ln_2, block.mlp, block.ls_2

    def forward(self, x: Tensor, **_: Any) -> Tensor:
        """Return the first token (n, 1, width) of the output for ``x`` (n, length, width)."""
        tokens = self.ln_1(x)
        attended, _weights = self.attn(tokens[:, :1], tokens, tokens, need_weights=False)
        first = x[:, :1] + self.ls_1(attended)
        found: Tensor = first + self.ls_2(self.mlp(self.ln_2(first)))
        return found
