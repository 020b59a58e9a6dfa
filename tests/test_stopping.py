"""A real server stops while streams are open and an upload is half sent."""

import asyncio
import json
import signal
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.client import Json
from tests.pigeonhole.running import bounded
from tests.product import Product, running

WATCH = "subscription ($id: ID!) { trainingProgress(functionId: $id) { state } }"
MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json'
STOPS = {
    "errors": [
        {
            "message": "The server is stopping. Subscribe again.",
            "extensions": {"code": "UNAVAILABLE", "retryAfter": "5"},
        }
    ]
}


@pytest.mark.slow
async def test_streams_uploads_and_websockets_end_as_their_protocols_require(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as product:
        function = (await product.client.create_function(labels=["a", "b"]))["id"]
        question = {"query": WATCH, "variables": {"id": function}}
        began = [asyncio.Event() for _ in range(4)]
        holding = [
            asyncio.create_task(streamed(product, question, "text/event-stream", began[0])),
            asyncio.create_task(streamed(product, question, MULTIPART, began[1])),
            asyncio.create_task(closed(product, question, began[2])),
            asyncio.create_task(half_sent(product, function, began[3])),
        ]
        for event in began:
            await bounded(event.wait())
        assert not any(task.done() for task in holding)

        product.process("serve").send_signal(signal.SIGTERM)
        events, parts, code, answer = await asyncio.gather(*holding)

    assert isinstance(events, str)
    assert isinstance(parts, str)
    assert isinstance(answer, str)
    assert events.endswith("event: complete\ndata: \n\n")
    last = events.split("event: next\ndata: ")[-1].partition("\n")[0]
    assert json.loads(last) == STOPS
    assert parts.endswith("\r\n--graphql--\r\n")
    last = parts.split("\r\n\r\n")[-1].partition("\r\n")[0]
    assert json.loads(last) == {"payload": None, **STOPS}
    assert code == 1012
    assert answer.startswith("HTTP/1.1 503 ")
    assert "retry-after: 5" in answer.lower()
    assert '"code":"UNAVAILABLE"' in answer.replace(" ", "")


async def streamed(product: Product, question: Json, accept: str, began: asyncio.Event) -> str:
    """Return the whole body of a stream, which must end regularly."""
    said = ""
    headers = {"Accept": accept, "Authorization": f"Bearer {product.secret}"}
    async with (
        httpx.AsyncClient(base_url=product.url, timeout=60) as http,
        http.stream("POST", "/graphql", json=question, headers=headers) as response,
    ):
        async for text in response.aiter_text():
            said += text
            if '"data"' in said:
                began.set()
    return said


async def closed(product: Product, question: Json, began: asyncio.Event) -> int | None:
    """Return the code with which a websocket is closed."""
    url = product.url.replace("http", "ws", 1) + "/graphql"
    async with connect(url, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
        payload = {"Authorization": f"Bearer {product.secret}"}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        await bounded(socket.recv())
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": question}))
        try:
            while True:
                await bounded(socket.recv())
                began.set()
        except ConnectionClosed as error:
            return error.rcvd.code if error.rcvd else None


async def half_sent(product: Product, function: str, began: asyncio.Event) -> str:
    """Return the response to an upload of which the server has received half."""
    parts = urlsplit(product.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(
        f"POST /v1/functions/{function}/invoke HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Authorization: Bearer {product.secret}\r\nContent-Type: image/png\r\n"
        "Content-Length: 1000\r\n\r\n".encode()
        + b"x" * 500
    )
    await writer.drain()
    # A later request is answered, so the server has received this one's head.
    assert (await product.client.ask("{ functions { totalCount } }"))["functions"][
        "totalCount"
    ] == 1
    began.set()
    answer = await bounded(reader.read())
    writer.close()
    return answer.decode()
