"""A subscription over graphql-transport-ws that reconnects after a lost connection.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from pigeonhole_client.errors import (
    PASSING,
    UnexpectedAnswerError,
    UnreachableError,
    error_of,
)
from pigeonhole_client.retries import Waits

PROTOCOL = Subprotocol("graphql-transport-ws")
ANSWER_S = 20.0
"""Seconds within which the server acknowledges a connection."""
FATAL = {4400: "BAD_REQUEST", 4401: "UNAUTHENTICATED", 4403: "FORBIDDEN"}
"""Codes with which the server closes a connection for good."""
REFUSED = frozenset({401, 403, 404})
"""Statuses of an upgrade that would be refused again."""

Data = dict[str, Any]


async def follow(
    url: str, key: str | None, payload: Mapping[str, Any], tries: int
) -> AsyncGenerator[Data, None]:
    """Yield the data of each event until the server completes the subscription.

    A lost connection is opened again after a growing wait; an event resets the number of attempts.

    Raises:
        ApiError: The server refuses.
        UnreachableError: It could not be reached in ``tries`` attempts in a row.
    """
    waits = Waits(tries)
    while True:
        try:
            async with aclosing(_once(url, key, payload)) as events:
                async for data in events:
                    waits = Waits(tries)
                    yield data
            return
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            reason = closed.rcvd.reason if closed.rcvd else "the connection was lost"
            if code in FATAL:
                raise error_of(FATAL[code], reason) from closed
        except InvalidStatus as refused:
            reason = f"it answered {refused.response.status_code}"
            if refused.response.status_code in REFUSED:
                raise UnexpectedAnswerError(f"{url} is not a websocket: {reason}.") from refused
        except (OSError, WebSocketException, asyncio.TimeoutError) as error:
            reason = str(error) or type(error).__name__
        except _AgainError as again:
            reason = str(again)
        if waits.exhausted:
            raise UnreachableError(f"{url} cannot be reached: {reason}.")
        await asyncio.sleep(waits.next_s())


class _AgainError(Exception):
    """The server ended a subscription for a temporary reason."""


async def _once(
    url: str, key: str | None, payload: Mapping[str, Any]
) -> AsyncGenerator[Data, None]:
    async with connect(url, subprotocols=[PROTOCOL], max_size=None) as socket:
        who = {} if key is None else {"Authorization": f"Bearer {key}"}
        await _send(socket, {"type": "connection_init", "payload": who})
        kind, _ = await asyncio.wait_for(_receive(socket), ANSWER_S)
        if kind != "connection_ack":
            raise UnexpectedAnswerError(f"{url} does not support {PROTOCOL}.")
        await _send(socket, {"type": "subscribe", "id": "1", "payload": payload})
        while True:
            kind, said = await _receive(socket)
            if kind == "complete":
                return
            errors = said if kind == "error" else said.get("errors")
            if errors:
                _refuse(errors[0])
            if kind == "next":
                data: Data = said["data"]
                yield data


async def _send(socket: ClientConnection, message: Mapping[str, Any]) -> None:
    await socket.send(json.dumps(message))


async def _receive(socket: ClientConnection) -> tuple[str, Any]:
    """Return the type and payload of the next message that is not a ping."""
    while True:
        message = json.loads(await socket.recv())
        kind: str = message["type"]
        if kind == "ping":
            await _send(socket, {"type": "pong"})
        elif kind != "pong":
            return kind, message.get("payload") or {}


def _refuse(error: Mapping[str, Any]) -> None:
    code = str((error.get("extensions") or {}).get("code", ""))
    message = str(error.get("message", ""))
    if code in PASSING:
        raise _AgainError(message)
    raise error_of(code, message, [str(part) for part in error.get("path") or ()])
