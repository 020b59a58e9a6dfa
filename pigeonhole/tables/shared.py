"""The tables that no function owns: vectors and pictures by content, and choices."""

from tortoise import fields
from tortoise.models import Model as Row
from uuid_utils.compat import uuid7


class Embedding(Row):
    """A picture as an encoder sees it: computed once, kept for every function that has it."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    sha256 = fields.CharField(max_length=64)
    encoder = fields.CharField(max_length=400)  # `Encoder.identity`
    vector = fields.BinaryField()  # (dimension,) float16, unit length

    class Meta:
        table = "embedding"
        unique_together = (("sha256", "encoder"),)


class Orphan(Row):
    """A picture that no row names since ``since``. Its blob goes when that is a while ago."""

    sha256 = fields.CharField(max_length=64, primary_key=True)
    since = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "orphan"


class Choice(Row):
    """A decision made once for this deployment, such as what `auto` stands for."""

    name = fields.CharField(max_length=40, primary_key=True)
    value = fields.TextField()

    class Meta:
        table = "choice"
