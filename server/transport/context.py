"""What the transport asks of the value that resolvers see as ``info.context``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from server.transport.documents import Document


class OperationContext:
    """Base of the context that ``make_context`` gives.

    ``make_context`` runs once for each HTTP request, and once for each websocket when its
    ``connection_init`` arrives; that message's payload is then in
    ``websocket.state.connection_params``. A `PigeonholeError` it raises refuses the request or
    closes the socket with 4403.
    """

    @property
    def may_ask_anything(self) -> bool:
        """Whether the caller is answered documents that are not registered."""
        return False

    @property
    def is_known(self) -> bool:
        """Whether the caller's new documents need not wait for those of strangers."""
        return True

    @property
    def may_introspect(self) -> bool:
        """Whether the caller may ask about the schema itself."""
        return True

    def fresh(self) -> Self:
        """Give the context of one operation, or of one event of a subscription.

        Called for each operation (many may share a socket or a batch), and again for each event
        of a subscription before its fields are resolved. Whatever remembers rows, a DataLoader
        first of all, must be new in what this returns; who is calling and what the process holds
        open stay. A `PigeonholeError` raised here refuses the operation or ends the subscription,
        so that the key that opened a socket can be looked at again.
        """
        return self

    async def close(self) -> None:
        """Let go of what ``make_context`` took for a websocket, which has closed."""

    def foresee(self, cost: int) -> None:
        """Raise a `PigeonholeError` where it is known that `hold` would; takes nothing.

        Called before a document is parsed to see how it can be answered.
        """

    async def hold(self, cost: int) -> None:
        """Take what it costs to refuse an operation, or raise a `PigeonholeError`.

        Called before a document is looked at that is not known to be valid, and where one that is
        must be refused. `admit`, if it follows, gives it back.
        """

    async def admit(self, cost: int) -> Mapping[str, object] | None:
        """Let an operation of this estimated cost run, or raise a `PigeonholeError`.

        Called once for each operation that is valid, before it runs. What it returns is added to
        the answer's ``extensions``.
        """
        return None

    def permit(self, document: "Document", name: str | None) -> None:
        """See whether the caller may ask for all that an operation asks for.

        Called once for each operation that was admitted. A `PigeonholeError` raised here refuses
        the operation.
        """
