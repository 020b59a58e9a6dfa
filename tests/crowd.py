"""Any number of rude clients, in a process of their own.

``python -m tests.crowd PORT COUNT SECONDS`` prints a line once all of them are connected. None of
them has a key. They pause as clients on a network do, so that they load the server rather than the
machine. A quarter each

- sends the body of a request a byte at a time;
- sends documents that are refused, each a new one, twice a second;
- connects and says nothing;
- sends documents that are refused over a websocket, twice a second, and reads no response.
"""

import asyncio
import base64
import itertools
import json
import os
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

PAUSE_S = 0.5
HEAD = (
    "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    "Content-Length: {}\r\n\r\n"
)
UPGRADE = (
    "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)

numbers = itertools.count()
chance = random.Random(0)

Rude = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def refused_document() -> str:
    """Return a new document of 90 aliases of fields that do not exist."""
    number = next(numbers)
    fields = " ".join(f"a{index}: nothing{number} {{ id }}" for index in range(90))
    return f"{{ {fields} }}"


async def pause() -> None:
    """Pause for a random time, so that clients do not send in step."""
    await asyncio.sleep(chance.uniform(0.5, 1.5) * PAUSE_S)


async def slow_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a body that never ends."""
    writer.write(HEAD.format(10_000).encode())
    while True:
        writer.write(b" ")
        await writer.drain()
        await pause()


async def refused_documents(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send one document after another."""
    while True:
        body = json.dumps({"query": refused_document()}).encode()
        writer.write(HEAD.format(len(body)).encode() + body)
        await writer.drain()
        await reader.read(1 << 16)
        await pause()


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send nothing until the server closes the connection."""
    await reader.read()


async def deaf_websocket(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Start one operation after another, and read nothing."""
    writer.write(UPGRADE.format(base64.b64encode(os.urandom(16)).decode()).encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.write(_frame({"type": "connection_init"}))
    while True:
        payload = {"query": refused_document()}
        writer.write(_frame({"type": "subscribe", "id": "1", "payload": payload}))
        await writer.drain()
        await pause()


def _frame(message: object) -> bytes:
    """Return a text message in one masked frame, as clients must send it."""
    data = json.dumps(message).encode()
    mask = b"\0\0\0\0"
    if len(data) < 126:
        return bytes([0x81, 0x80 | len(data)]) + mask + data
    return b"\x81\xfe" + len(data).to_bytes(2, "big") + mask + data


KINDS: tuple[Rude, ...] = (slow_body, refused_documents, silence, deaf_websocket)


async def be_rude(port: int, how: Rude, ready: asyncio.Semaphore) -> None:
    """Be rude in one way, for ever; reconnect when the server closes the connection."""
    await pause()
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            ready.release()
            try:
                await how(reader, writer)
            finally:
                writer.close()
        await pause()


async def crowd(port: int, count: int, seconds: float) -> None:
    """Run all rude clients at once, for some seconds."""
    ready = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as group:
        clients = [
            group.create_task(be_rude(port, KINDS[index % len(KINDS)], ready))
            for index in range(count)
        ]
        for _ in clients:
            await ready.acquire()
        print(f"{count} rude clients are there", flush=True)  # noqa: T201 - the line waited for
        await asyncio.sleep(seconds)
        for client in clients:
            client.cancel()


if __name__ == "__main__":
    asyncio.run(crowd(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
