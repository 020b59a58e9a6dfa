"""What a model looks at of an image."""

from typing import Self
from uuid import UUID

import strawberry

from pigeonhole.encoders import parts
from server.api.context import Info
from server.auth.permissions import ANYONE


@strawberry.type(
    description="A part of an upright image, in shares of its width and height, from 0 to 1.",
    directives=ANYONE,
)
class ImagePart:
    left: float = strawberry.field(description="Left edge, as a share of the width.")
    top: float = strawberry.field(description="Upper edge, as a share of the height.")
    width: float = strawberry.field(description="Width, as a share of the image's.")
    height: float = strawberry.field(description="Height, as a share of the image's.")

    @classmethod
    async def seen(cls, info: Info, function_id: UUID, width: int, height: int) -> list[Self]:
        """Return what the function's encoder looks at of an image of this size."""
        function = await info.context.loaders.functions.load(function_id)
        if function is None:
            return []
        encoder = await info.context.services.encoding.load(function.encoder)
        return [
            cls(left=part.left, top=part.top, width=part.width, height=part.height)
            for part in parts.looked_at(width, height, encoder.seen)
        ]
