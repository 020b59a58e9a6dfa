"""Sends the same request to a server repeatedly, from a separate process.

``python -m benchmarks.load PORT PATH CLIENTS SECONDS PAUSE_S``, with the headers and the body as
JSON on the standard input; prints one JSON line. Each client keeps one connection and sends the
next request after a pause when it has a response. It uses sockets without an HTTP library, so that
the time of the server is measured and not its own.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import uvloop

PATIENCE_S = 20.0  # longest wait for the last responses


@dataclass(frozen=True)
class Load:
    """A request, and how many clients send it how often."""

    port: int
    body: object
    headers: Mapping[str, str]
    path: str = "/graphql"
    clients: int = 8
    seconds: float = 3.0
    pause_s: float = 0.0

    def start(self) -> "subprocess.Popen[str]":
        """Start sending, in a process of its own."""
        line = (self.port, self.path, self.clients, self.seconds, self.pause_s)
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load", *map(str, line)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdin is not None
        json.dump({"headers": dict(self.headers), "body": self.body}, process.stdin)
        process.stdin.close()
        return process

    def run(self) -> list[float]:
        """Send requests until the time is up; return how long each response took, in seconds."""
        return finish(self.start())


def finish(process: "subprocess.Popen[str]") -> list[float]:
    """Wait until a load is over; return how long each response took, in seconds.

    Raises:
        RuntimeError: A response had another status than 200, or had errors.
    """
    assert process.stdout is not None
    with process:
        found = json.loads(process.stdout.read() or '{"wrong": 1, "example": "none came"}')
    if found["wrong"]:
        raise RuntimeError(f"{found['wrong']} answers were wrong: {found['example']}")
    times: list[float] = found["times"]
    return times


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, request: bytes, until: float, pause_s: float) -> None:
        self._request = request
        self._until = until
        self._pause_s = pause_s
        self._answer = b""
        self._asked_at = 0.0
        self.times: list[float] = []
        self.wrong: list[bytes] = []
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Send the next request when the response is complete."""
        self._answer += data
        head, separator, body = self._answer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(length):
            return
        self.times.append(time.perf_counter() - self._asked_at)
        if not head.startswith(b"HTTP/1.1 200") or b'"errors":[{' in body:
            self.wrong.append(self._answer[:1_000])
        self._answer = b""
        if self._pause_s:
            asyncio.get_running_loop().call_later(self._pause_s, self._ask)
        else:
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        """Count a connection that the server closes as a wrong response."""
        if not self.done.done():
            self.wrong.append(repr(error).encode())
            self.done.set_result(None)

    def _ask(self) -> None:
        if time.perf_counter() < self._until:
            self._asked_at = time.perf_counter()
            self._transport.write(self._request)
        elif not self.done.done():
            self.done.set_result(None)
            self._transport.close()


async def load(port: int, clients: int, seconds: float, pause_s: float, request: bytes) -> None:
    """Send requests from all clients, and print the times and the wrong responses."""
    loop = asyncio.get_running_loop()
    until = time.perf_counter() + seconds
    asking = []
    for _ in range(clients):
        _, client = await loop.create_connection(
            lambda: Client(request, until, pause_s), "127.0.0.1", port
        )
        asking.append(client)
        await asyncio.sleep(pause_s / clients)  # so that clients do not send in step
    async with asyncio.timeout(seconds + PATIENCE_S):
        await asyncio.gather(*(client.done for client in asking))
    wrong = [answer for client in asking for answer in client.wrong]
    found = {
        "times": [each for client in asking for each in client.times],
        "wrong": len(wrong),
        "example": wrong[0].decode(errors="replace") if wrong else None,
    }
    print(json.dumps(found))


def main() -> None:
    """Read the request from the command line and the standard input."""
    port, path, clients, seconds, pause_s = sys.argv[1:]
    given = json.load(sys.stdin)
    body = json.dumps(given["body"]).encode()
    headers = {
        "Host": f"127.0.0.1:{port}",
        "Content-Type": "application/json",
        **given["headers"],
        "Content-Length": str(len(body)),
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    request = "\r\n".join([*lines, "", ""]).encode() + body
    uvloop.run(load(int(port), int(clients), float(seconds), float(pause_s), request))


if __name__ == "__main__":
    main()
