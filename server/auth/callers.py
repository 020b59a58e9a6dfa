"""Callers of requests: by API key, access token or session of the page, or anonymous."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from pigeonhole.access.keys import MARK
from pigeonhole.access.viewers import ANYONE, Viewer, Viewers, refused
from pigeonhole.errors import UnauthenticatedError
from server.auth.sessions import Sessions
from server.auth.tokens import Tokens
from server.auth.wrong_keys import metered
from server.transport.websocket import FORBIDDEN


async def viewer_of(connection: HTTPConnection) -> Viewer:
    """Return the viewer of a request or websocket; the header takes precedence over the session.

    Raises:
        UnauthenticatedError: It has a key or token that is not valid.
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
    tokens: Tokens = state.tokens
    async with metered(connection):
        if secret.startswith(f"{MARK}_"):
            return await viewers.of_secret(secret)
        return await tokens.viewer(secret, viewers)


class SocketEnd:
    """Closer of a websocket whose key, session or token is no longer valid."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._closing: asyncio.Task[None] | None = None

    def __call__(self) -> None:
        self._closing = self._closing or asyncio.create_task(self._close())

    async def _close(self) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):  # it is already closed
            await self._socket.close(FORBIDDEN, refused().message)


def close_with_key(socket: WebSocket, viewer: Viewer) -> None:
    """Close a websocket, while it is open, when its caller's access ends."""
    socket.state.ending = viewer.when_over(SocketEnd(socket))


def _credential(connection: HTTPConnection) -> str | None:
    """Return the `Authorization` of a request, or of a websocket's `connection_init`."""
    given = getattr(connection.state, "connection_params", None)
    if isinstance(given, Mapping):
        for name, value in given.items():
            if str(name).lower() == "authorization":
                if not isinstance(value, str):
                    raise UnauthenticatedError("`Authorization` must be a string.")
                return value
    return connection.headers.get("authorization")
