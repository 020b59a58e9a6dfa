"""The context of an operation, ``info.context`` in resolvers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

import strawberry
from starlette.requests import HTTPConnection

from pigeonhole.access.viewers import Viewer
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services.services import Services
from server.api.loaders import Loaders
from server.api.metering import Meter
from server.auth import permissions
from server.auth.picture_urls import PictureUrls
from server.transport.completion import Completion
from server.transport.context import OperationContext
from server.transport.documents import Document
from server.transport.limits import Limits
from server.transport.observed import Observed


@dataclass(frozen=True)
class Context(OperationContext):
    """The services of the process, the caller, and what one operation has read so far."""

    services: Services
    urls: PictureUrls
    viewer: Viewer
    meter: Meter
    on_close: Callable[[], Awaitable[None]] | None = None  # called when the websocket closes
    observed: Observed = field(default_factory=Observed)
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "loaders", Loaders(self.services, self.meter.pay))

    def fresh(self) -> Self:
        """Return a context that has read nothing yet, after checking the caller's key."""
        self.viewer.check()
        return type(self)(
            self.services, self.urls, self.viewer, self.meter.fresh(), observed=self.observed
        )

    def when_over(self, call: Callable[[], None]) -> object:
        """Call a function when the key, session or token of the caller ends."""
        return self.viewer.when_over(call)

    async def close(self) -> None:
        """Release the place of a websocket that has closed."""
        if self.on_close is not None:
            await self.on_close()

    @property
    def completion(self) -> Completion:
        """The lists of the operation that are being completed."""
        return self.loaders.completion

    @property
    def may_ask_anything(self) -> bool:
        """Whether the caller may send any document, as administrators and the page do."""
        return self.viewer.may(ApiKeyScope.ADMIN)

    @property
    def is_known(self) -> bool:
        """Whether the caller has a key."""
        return self.viewer.key is not None

    @property
    def caller(self) -> str:
        """The key, or the address of a caller without one."""
        return self.meter.caller

    @property
    def may_introspect(self) -> bool:
        """Whether the caller may introspect the schema: with a key, or if none is needed."""
        return self.is_known or self.services.settings.introspection

    async def pay(self, cost: int) -> None:
        """Take points for bytes that have arrived.

        Raises:
            RateLimitedError: The caller has too few points.
        """
        await self.meter.pay(cost)

    async def pay_for_entries(self, count: int, a_point: int) -> None:
        """Take points for a list's entries beyond those that an estimate counts.

        Args:
            count: Entries of the list.
            a_point: Entries that a point pays for.

        Raises:
            RateLimitedError: The caller has too few points.
        """
        if count > Limits.list_size:
            await self.pay(-(-(count - Limits.list_size) // a_point))

    def foresee(self, cost: int) -> None:
        """Check that the caller can have enough points.

        Raises:
            RateLimitedError: It has too few, as far as this server knows.
        """
        self.meter.foresee(cost)

    async def hold(self, cost: int) -> None:
        """Take points that the next `admit` returns.

        Raises:
            RateLimitedError: The caller has too few points.
        """
        await self.meter.hold(cost)

    async def admit(self, cost: int) -> Mapping[str, object]:
        """Take points, and return what the response's ``extensions`` say about them.

        Raises:
            RateLimitedError: The caller has too few points.
        """
        return await self.meter.admit(cost)

    async def repeat(self, cost: int) -> None:
        """Take the points of one more event of a subscription; wait if there are too few."""
        await self.meter.repeat(cost)

    def permit(self, document: Document, name: str | None) -> None:
        """Check that the caller has the scopes that an operation needs.

        Raises:
            UnauthenticatedError, ForbiddenError: It lacks a key or a scope.
        """
        self.observed.admit(document, name)
        permissions.check(self.viewer, permissions.needs_of(document, name))


Info = strawberry.Info[Context, None]
MakeContext = Callable[[HTTPConnection], Awaitable[Context]]
