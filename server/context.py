"""What resolvers see as ``info.context``."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

import strawberry
from starlette.requests import HTTPConnection

from pigeonhole.models import ApiKeyScope
from pigeonhole.services import Services
from pigeonhole.viewers import Viewer
from server import permissions
from server.loaders import Loaders
from server.metering import Meter
from server.picture_urls import PictureUrls
from server.transport.context import OperationContext
from server.transport.documents import Document


@dataclass(frozen=True)
class Context(OperationContext):
    """What the process holds open, and what one operation has read so far."""

    services: Services
    urls: PictureUrls
    viewer: Viewer
    meter: Meter
    on_close: Callable[[], Awaitable[None]] | None = None  # of the websocket that this is for
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "loaders", Loaders(self.services))

    def fresh(self) -> Self:
        """A context that has read nothing yet, of a caller whose key still lets it in."""
        self.viewer.check()
        return type(self)(self.services, self.urls, self.viewer, self.meter.fresh())

    async def close(self) -> None:
        """Give back what a websocket took that has closed."""
        if self.on_close is not None:
            await self.on_close()

    @property
    def may_ask_anything(self) -> bool:
        """Whether the caller administers the server: the page and GraphiQL are for them too."""
        return self.viewer.may(ApiKeyScope.ADMIN)

    @property
    def is_known(self) -> bool:
        """Whether the caller has a key."""
        return self.viewer.key is not None

    @property
    def may_introspect(self) -> bool:
        """Whether the caller has a key, or needs none to ask about the schema."""
        return self.is_known or self.services.settings.introspection

    def foresee(self, cost: int) -> None:
        """See whether the caller may still have so many points.

        Raises:
            RateLimitedError: It has too few, by what this server knows.
        """
        self.meter.foresee(cost)

    async def hold(self, cost: int) -> None:
        """Take points that the next `admit` gives back.

        Raises:
            RateLimitedError: There are too few.
        """
        await self.meter.hold(cost)

    async def admit(self, cost: int) -> Mapping[str, object]:
        """Take points from the caller's; what the answer says of it.

        Raises:
            RateLimitedError: There are too few.
        """
        return await self.meter.admit(cost)

    def permit(self, document: Document, name: str | None) -> None:
        """See whether the caller has the scopes that an operation needs.

        Raises:
            UnauthenticatedError, ForbiddenError: It does not.
        """
        permissions.check(self.viewer, permissions.needs_of(document, name))


Info = strawberry.Info[Context, None]
MakeContext = Callable[[HTTPConnection], Awaitable[Context]]
