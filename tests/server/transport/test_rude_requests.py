"""Paths, headers and origins that no well-behaved client sends, over a real connection."""

import socket
from pathlib import Path

import pytest

from tests.product import Product, running

APP = "https://app.example"
ASK = b"GET /graphql?query={__typename}"

PATHS: dict[bytes, int] = {
    b"GET /graphql?query=\xff": 400,
    b"GET /graphql?query={__typename}&variables=%ff": 400,
    b"GET /graphql/": 404,
    b"GET /%00": 404,
    b"GET /healthz%00": 404,
    b"GET /../../etc/passwd": 404,
    b"GET /assets/..%2f..%2f..%2f..%2fetc/passwd": 404,
    b"GET /assets/%00": 404,
    b"GET /assets/\xff": 400,
    b"GET /assets/" + b"a/" * 3_000: 404,
    b"GET //evil.example/": 404,
    b"GET /pictures/%00": 403,
    b"GET /pictures/..%2f..%2fx": 404,
    b"GET /pictures/a.%FF": 403,
    b"GET *": 404,
    b"POST http://evil.example/graphql": 415,
    b"POST /v1/functions/%00/invoke": 404,
    b"POST /v1/functions/fn_%EF%BC%91/invoke": 404,
    b"PUT /v1/functions/x/invoke": 405,
    b"BREW /graphql": 400,
}
HEADERS: dict[bytes, int] = {  # the status of a valid query
    b"Host: \xff": 200,
    b"Host: a/../b": 200,
    b"Host: 127.0.0.1:99999": 200,
    b"Accept: \xff\xfe": 406,
    b"Accept: " + b"a/b;q=" * 2_000: 406,
    b"Cookie: \xff=\xff; a": 200,
    b"Authorization: Bearer \xff\xfe": 401,
    b"Authorization: Bearer ph_\xff_a": 401,
    b"Authorization: Basic \xff": 401,
    b"Origin: \xff": 200,
    b"X-Forwarded-For: \xff": 200,
    b"Content-Length: 99999999999999999999999": 400,
    b"Transfer-Encoding: chunked, chunked": 400,
    b"X-Long: " + b"a" * 70_000: 431,
}


def status(product: Product, asked: bytes, header: bytes) -> int:
    """Send a request as it is; return the status of the response."""
    port = int(product.url.rpartition(":")[2])
    lines = [asked + b" HTTP/1.1", header, b"", b""]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"\r\n".join(lines))
        with client.makefile("rb") as answer:
            return int(answer.readline().split()[1])


def socket_status(product: Product, origin: str) -> int:
    """Open a websocket with an origin; return the status of the response."""
    key = b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + b"A" * 22
    host = product.url.removeprefix("http://")
    lines = f"Host: {host}\r\nOrigin: {origin}\r\nConnection: Upgrade\r\n".encode()
    protocol = b"==\r\nSec-WebSocket-Protocol: graphql-transport-ws"
    return status(product, b"GET /graphql", lines + key + protocol)


@pytest.mark.slow
async def test_rude_requests_have_exact_responses_and_none_breaks_the_server(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, {"PIGEONHOLE_CORS_ORIGINS": APP}) as product:
        by_path = {path: status(product, path, b"Host: here") for path in PATHS}
        by_header = {header: status(product, ASK, header) for header in HEADERS}
        origins = {
            origin: socket_status(product, origin)
            for origin in (product.url, APP, f"{APP}:444", "https://evil.example", "null")
        }

    assert by_path == PATHS
    assert by_header == HEADERS
    assert origins == {
        product.url: 101,
        APP: 101,
        f"{APP}:444": 403,
        "https://evil.example": 403,
        "null": 403,
    }
