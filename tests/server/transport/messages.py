"""Helpers to read from a websocket."""

import pytest
from websockets.exceptions import ConnectionClosed

from tests.server.transport.conftest import Json, Socket


def drain(socket: Socket) -> None:
    while True:
        socket.receive()


def closed(socket: Socket) -> tuple[int, str]:
    """Read until the server closes the socket; return its code and reason."""
    with pytest.raises(ConnectionClosed) as caught:
        drain(socket)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code, caught.value.rcvd.reason


def results(socket: Socket, id: str) -> list[Json]:
    """Return the messages of an operation until it ends."""
    messages = []
    while True:
        message = socket.receive()
        if message.get("id") == id:
            messages.append(message)
            if message["type"] != "next":
                return messages


def next_of(id: str, **data: object) -> Json:
    return {"id": id, "type": "next", "payload": {"data": data}}
