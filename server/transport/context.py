"""The interface that the transport needs of the value of ``info.context``."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Self

from server.transport.completion import Completion

if TYPE_CHECKING:
    from server.transport.documents import Document


class OperationContext:
    """Base class of the context that ``make_context`` returns.

    ``make_context`` runs once for each HTTP request, and once for each websocket when its
    ``connection_init`` arrives; that message's payload is then in
    ``websocket.state.connection_params``. A `PigeonholeError` it raises refuses the request or
    closes the socket with 4403.
    """

    @property
    def may_ask_anything(self) -> bool:
        """Whether the caller may send documents that are not registered."""
        return False

    @property
    def is_known(self) -> bool:
        """Whether the caller is known, so that its documents do not wait for those of others."""
        return True

    @property
    def may_introspect(self) -> bool:
        """Whether the caller may introspect the schema."""
        return True

    @property
    def caller(self) -> str:
        """The name under which the caller is counted; empty if callers are not distinguished."""
        return ""

    @property
    def completion(self) -> Completion:
        """The lists of the operation that are being completed, for which its DataLoaders wait."""
        return Completion()

    def fresh(self) -> Self:
        """Return the context of one operation, or of one event of a subscription.

        Called for each operation (many may share a socket or a batch), and again for each event
        of a subscription before its fields are resolved. Whatever caches rows, such as a
        DataLoader, must be new in the returned context; caller and services stay the same. A
        `PigeonholeError` raised here refuses the operation or ends the subscription, so that the
        key that opened a websocket can be checked again.
        """
        return self

    def when_over(self, call: Callable[[], None]) -> object:
        """Call a function when the caller's access ends, for as long as the result is kept.

        This is for streams, which may be idle for long.
        """
        return None

    async def close(self) -> None:
        """Release what ``make_context`` took for a websocket that has closed."""

    async def pay(self, cost: int) -> None:
        """Take the points for the bytes of a body or of a websocket message.

        Called as the bytes arrive, before they are parsed. A `PigeonholeError` raised here refuses
        the request, or closes the websocket with 1013.
        """

    def foresee(self, cost: int) -> None:
        """Raise a `PigeonholeError` if `hold` is known to raise one; take nothing.

        Called before a document is parsed to find its kind of response.
        """

    async def hold(self, cost: int) -> None:
        """Take the points for refusing an operation, or raise a `PigeonholeError`.

        Called before a document is validated for the first time, and when a valid one has to be
        refused. If `admit` follows, it returns the points.
        """

    async def admit(self, cost: int) -> Mapping[str, object] | None:
        """Take the estimated cost of an operation, or raise a `PigeonholeError`.

        Called once for each valid operation before it runs. The result is added to the response's
        ``extensions``.
        """
        return None

    async def repeat(self, cost: int) -> None:
        """Take the points for one more event of a subscription; wait until there are enough."""

    def permit(self, document: "Document", name: str | None) -> None:
        """Check that the caller may use all fields of an operation.

        Called once for each admitted operation. A `PigeonholeError` raised here refuses
        the operation.
        """
