"""A stand-in for a model hub: the machines that run the tests cannot reach a real one.

It speaks the hub's protocol: HEAD with the commit, the checksum and the size of a file; a redirect
from large files to another host that takes ranges; tokens. Its files have random weights, under the
names and in the layout of the real ones.
"""

import hashlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.pigeonhole.running import WITHIN_S

COMMIT = "c0ffee" * 6 + "c0ff"
LARGE = 10_000
"""Size in bytes from which files are served by another host, as the hub does."""
PIECE = 2**20


@dataclass
class ModelHub:
    """The hub's files, its failures, and the requests that it received."""

    port: int = 0
    files: dict[tuple[str, str], bytes | Path] = field(default_factory=dict)
    token: str | None = None  # required, if not None
    status: int | None = None  # status of every response
    cuts: list[int] = field(default_factory=list)  # bytes after which the next transfers break off
    announced: int | None = None  # size that it claims, whatever the real one is
    served: bytes | None = None  # sent in place of any large file
    takes_ranges: bool = True
    drip_s: float = 0.0  # pause after each KiB
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)  # method, path, range
    strangers_saw: list[str | None] = field(default_factory=list)  # tokens sent to the other host

    @property
    def url(self) -> str:
        """The value for `HF_ENDPOINT`."""
        return f"http://127.0.0.1:{self.port}"

    def add(self, repository: str, name: str, content: bytes | Path) -> None:
        self.files[repository, name] = content

    def transfers(self) -> list[str | None]:
        """The ranges that were requested of large files."""
        return [ranged for method, path, ranged in self.asked if path.startswith("/elsewhere/")]


class Handler(BaseHTTPRequestHandler):
    hub: ModelHub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, format: str, *args: object) -> None:
        return

    def _answer(self, *, with_body: bool) -> None:
        path = urlsplit(self.path).path  # requests to a proxy contain the whole URL
        self.hub.asked.append((self.command, path, self.headers.get("Range")))
        if self.hub.status is not None:
            self._end(self.hub.status, {})
        elif path.startswith("/elsewhere/"):
            self.hub.strangers_saw.append(self.headers.get("Authorization"))
            self._large(path.removeprefix("/elsewhere/"))
        else:
            self._named(path, with_body=with_body)

    def _named(self, path: str, *, with_body: bool) -> None:
        parts = re.fullmatch("/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        content = parts and self.hub.files.get((parts[1], parts[3]))
        if self.hub.token and self.headers.get("Authorization") != f"Bearer {self.hub.token}":
            self._end(401, {})
        elif not parts or content is None or parts[2] not in ("main", COMMIT):
            self._end(404, {"X-Repo-Commit": COMMIT})
        elif isinstance(content, bytes) and len(content) < LARGE:
            git = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
            told = {"X-Repo-Commit": COMMIT, "ETag": f'"{git}"'}
            self._end(200, told, content, with_body=with_body)
        else:
            size = content.stat().st_size if isinstance(content, Path) else len(content)
            told = {
                "X-Repo-Commit": COMMIT,
                "X-Linked-Etag": f'"{digest(content)}"',
                "X-Linked-Size": str(self.hub.announced or size),
                "ETag": '"of-the-pointer"',
                "Location": f"http://localhost:{self.hub.port}/elsewhere/{parts[1]}/{parts[3]}",
            }
            self._end(302, told)

    def _large(self, name: str) -> None:
        repository, _, file = name.rpartition("/")
        content = self.hub.served or self.hub.files[repository, file]
        data = content.read_bytes() if isinstance(content, Path) else content
        whole, start = len(data), 0
        ranged = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if ranged and self.hub.takes_ranges:
            start = int(ranged[1])
            if start >= whole:
                self._end(416, {"Content-Range": f"bytes */{whole}"})
                return
        told = {"Content-Range": f"bytes {start}-{whole - 1}/{whole}"} if start else {}
        body = memoryview(data)[start:]
        self._end(206 if start else 200, told, body, with_body=True)

    def _end(
        self,
        status: int,
        told: dict[str, str],
        body: bytes | memoryview = b"",
        *,
        with_body: bool = False,
    ) -> None:
        self.send_response(status)
        for name, value in told.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not with_body:
            return
        cut = self.hub.cuts.pop(0) if self.hub.cuts and len(body) >= LARGE else None
        piece = 1024 if self.hub.drip_s else PIECE
        body = body[:cut]
        with suppress(OSError):  # the client has disconnected
            for start in range(0, len(body), piece):
                self.wfile.write(body[start : start + piece])
                time.sleep(self.hub.drip_s)
            if cut is not None:
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)


def digest(content: bytes | Path) -> str:
    if isinstance(content, Path):
        with content.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    return hashlib.sha256(content).hexdigest()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        return  # the client broke off a transfer


@contextmanager
def running() -> Iterator[ModelHub]:
    hub = ModelHub()
    server = _Quiet(("127.0.0.1", 0), type("Bound", (Handler,), {"hub": hub}))
    hub.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield hub
    server.shutdown()
    thread.join(WITHIN_S)
    server.server_close()


def use(hub: ModelHub, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this process use a hub, with an empty cache."""
    template = "{endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    constants = "huggingface_hub.constants"
    monkeypatch.setattr(f"{constants}.ENDPOINT", hub.url)
    monkeypatch.setattr(
        f"{constants}.HUGGINGFACE_CO_URL_TEMPLATE", template.format(endpoint=hub.url)
    )
    monkeypatch.setattr(f"{constants}.HF_HUB_CACHE", str(cache))
    monkeypatch.setattr("pigeonhole.encoders.hub.RETRY_S", 0.0)
