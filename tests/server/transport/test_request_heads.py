"""Connections with requests that never begin, never end or have too long a head."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from server.transport.request_heads import BoundedHeads

GET = b"GET / HTTP/1.1\r\nHost: here\r\n"
TOO_LONG = "The first line and the headers may have 1000 bytes."


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"heard {len(body)}")(scope, receive, send)


@asynccontextmanager
async def connected(
    *, head_bytes: int = 1_000, head_s: float = 60.0
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a connection to a server with these limits."""
    bounds = {"head_bytes": head_bytes, "head_s": head_s}
    protocol = type("Bounded", (BoundedHeads,), bounds)
    config = uvicorn.Config(app, log_config=None, timeout_keep_alive=60)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: protocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        yield reader, writer
    finally:
        writer.close()
        server.close()
        await server.wait_closed()


async def answer(reader: asyncio.StreamReader) -> tuple[str, str]:
    """Return status line and body of a response with a content length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
    return head.partition("\r\n")[0], (await reader.readexactly(length)).decode()


@pytest.mark.parametrize(
    "said",
    [b"", b"\r\n\r\n", b"GET / HT", GET, GET + b"X-Slow: "],
    ids=["nothing", "empty lines", "half a first line", "half a head", "half a header"],
)
async def test_a_connection_without_a_request_is_refused_and_closed(said: bytes) -> None:
    async with connected(head_s=0.1) as (reader, writer):
        writer.write(said)

        heard = await answer(reader)
        rest = await reader.read()

    assert heard == ("HTTP/1.1 408 Request Timeout", "No request came within 0.1 seconds.")
    assert rest == b""


@pytest.mark.parametrize(
    "said",
    [
        GET + b"X-Long: " + b"a" * 1_000,
        GET + b"".join(b"X-%d: a\r\n" % index for index in range(200)),
        GET + b"X-Long: " + b"a" * 1_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 1_000 + b" HTTP/1.1\r\nHost: here\r\n\r\n",
        GET + b"Content-Length: 5\r\nX-Long: " + b"a" * 1_000 + b"\r\n\r\nhello" + GET,
    ],
    ids=["endless header", "endless headers", "long header", "long path", "with a body"],
)
async def test_a_head_that_is_too_long_is_refused_and_closed(said: bytes) -> None:
    async with connected() as (reader, writer):
        writer.write(said)

        heard = await answer(reader)
        rest = await reader.read()

    assert heard == ("HTTP/1.1 431 Request Header Fields Too Large", TOO_LONG)
    assert rest == b""


async def test_a_second_request_on_a_connection_has_the_same_limits() -> None:
    async with connected(head_s=0.3) as (reader, writer):
        writer.write(GET + b"\r\n")
        first = await answer(reader)
        writer.write(b"\r\n")

        second = await answer(reader)

    assert first == ("HTTP/1.1 200 OK", "heard 0")
    assert second[0] == "HTTP/1.1 408 Request Timeout"


async def test_a_long_body_and_many_requests_do_not_count_as_a_long_head() -> None:
    async with connected(head_s=0.2) as (reader, writer):
        writer.write(GET + b"Content-Length: 5000\r\n\r\n" + b"a" * 2_000)
        later, silent = await asyncio.open_connection(*writer.get_extra_info("peername"))
        assert (await answer(later))[0] == "HTTP/1.1 408 Request Timeout"
        silent.close()
        writer.write(b"a" * 3_000)
        heard = [await answer(reader)]
        for _ in range(50):
            writer.write(GET + b"\r\n")
            heard.append(await answer(reader))

    assert heard == [("HTTP/1.1 200 OK", "heard 5000"), *[("HTTP/1.1 200 OK", "heard 0")] * 50]
