"""Who is calling: by an API key, by an access token, by the page's session, or nobody."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from pigeonhole.errors import UnauthenticatedError
from pigeonhole.keys import MARK
from pigeonhole.viewers import ANYONE, Viewer, Viewers, refused
from server.sessions import Sessions
from server.tokens import Tokens
from server.transport.websocket import FORBIDDEN


async def viewer_of(connection: HTTPConnection) -> Viewer:
    """Whom a request or a websocket speaks for; the header stands above the session.

    Raises:
        UnauthenticatedError: It names a key or a token that is not valid.
    """
    state = connection.app.state
    viewers: Viewers = state.viewers
    credential = _credential(connection)
    if credential is None:
        sessions: Sessions = state.sessions
        return await sessions.viewer(connection, viewers) or ANYONE
    scheme, _, secret = credential.partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        raise UnauthenticatedError("Send the API key as `Authorization: Bearer ...`.")
    if secret.startswith(f"{MARK}_"):
        return await viewers.of_secret(secret)
    tokens: Tokens = state.tokens
    return await tokens.viewer(secret, viewers)


class SocketEnd:
    """Closes a websocket when its key lets nobody in any more."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._closing: asyncio.Task[None] | None = None

    def __call__(self) -> None:
        self._closing = self._closing or asyncio.create_task(self._close())

    async def _close(self) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):  # it is closed already
            await self._socket.close(FORBIDDEN, refused().message)


def close_with_key(socket: WebSocket, viewer: Viewer) -> None:
    """Have a websocket closed when its key is revoked or expires, for as long as it is open."""
    if viewer.held is not None:
        socket.state.end = SocketEnd(socket)
        viewer.held.on_end.add(socket.state.end)


def _credential(connection: HTTPConnection) -> str | None:
    """The `Authorization` of a request, or of a websocket's `connection_init`."""
    given = getattr(connection.state, "connection_params", None)
    if isinstance(given, Mapping):
        for name, value in given.items():
            if str(name).lower() == "authorization":
                if not isinstance(value, str):
                    raise UnauthenticatedError("`Authorization` is a string.")
                return value
    return connection.headers.get("authorization")
