"""A web server for tests, and a resolver with the answers that a test sets."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Host:
    """A server on a free port of the loopback address, with a response for each path."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    heard: list[dict[str, str]] = field(default_factory=list)  # headers of each request, and "path"
    _answering: set[asyncio.Task[None]] = field(default_factory=set)

    def url(self, path: str = "/picture", host: str = "pictures.test") -> str:
        """Return a URL of the server, by a name that only the test's resolver knows."""
        return f"http://{host}:{self.port}{path}"

    def gives(self, path: str, body: bytes = b"", *, status: int = 200, **headers: str) -> None:
        """Respond to a path with a body, and with its length or a false one."""
        head = {"content_length": str(len(body)), **headers}
        lines = [f"HTTP/1.1 {status} x"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in head.items()]

        async def answer(writer: asyncio.StreamWriter) -> None:
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)

        self.answers[path] = answer

    def redirects(self, path: str, location: str, status: int = 302) -> None:
        """Respond to a path with a redirect."""
        self.gives(path, status=status, location=location)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            await self._tell(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _tell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            request = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            request["path"] = head[0].split()[1]
            self.heard.append(request)
            await self.answers[request["path"]](writer)
            await writer.drain()


@asynccontextmanager
async def serving(
    address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Host]:
    """Serve until the block ends."""
    host = Host()
    server = await asyncio.start_server(host._answer, address, port, ssl=tls)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
        for task in host._answering:
            task.cancel()
        await asyncio.gather(*host._answering, return_exceptions=True)


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the TLS contexts of a server with a certificate for a name, and of a client."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / f"{name}.pem"
    pem.write_bytes(
        signed.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cadata=signed.public_bytes(Encoding.PEM).decode())


@dataclass
class Names:
    """A resolver: each lookup of a name returns its next addresses, and then the last ones."""

    answers: dict[str, list[list[str]]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.answers:
            raise OSError("unknown")
        left = self.answers[host]
        return left.pop(0) if len(left) > 1 else left[0]
