"""What resolvers see as ``info.context``."""

from dataclasses import dataclass, field
from typing import Self

import strawberry

from pigeonhole.services import Services
from pigeonhole.viewers import Viewer
from server.loaders import Loaders
from server.picture_urls import PictureUrls
from server.transport.context import OperationContext


@dataclass(frozen=True)
class Context(OperationContext):
    """What the process holds open, and what one operation has read so far."""

    services: Services
    urls: PictureUrls
    viewer: Viewer
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "loaders", Loaders(self.services))

    def fresh(self) -> Self:
        """A context that has read nothing yet, of a caller whose key still lets it in."""
        self.viewer.check()
        return type(self)(self.services, self.urls, self.viewer)


Info = strawberry.Info[Context, None]
