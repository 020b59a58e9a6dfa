"""A program that is told of changes by webhooks."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pigeonhole.settings import Settings


@dataclass
class Receiver:
    """Receives requests; responds with the given statuses, then with 204."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head)
        }
        body = await reader.readexactly(int(headers["content-length"]))
        self.taken.append((headers, body))
        status = self.statuses.pop(0) if self.statuses else 204
        writer.write(f"HTTP/1.1 {status} Status\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    @property
    def told(self) -> list[tuple[str, str]]:
        """Return type and function of the received events, in order."""
        bodies = [json.loads(body) for _, body in self.taken]
        return [(said["type"], said["data"].get("function", {}).get("name", "")) for said in bodies]

    def allowed_by(self, settings: Settings) -> Settings:
        """Return settings by which the server may send to it."""
        port = self.url.rpartition(":")[2].partition("/")[0]
        allowed = {"fetch_allowed_hosts": "127.0.0.1", "fetch_ports": f"80,443,{port}"}
        return settings.model_copy(update=allowed)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver on this machine."""
    found = Receiver()
    server = await asyncio.start_server(found.answer, "127.0.0.1", 0)
    async with server:
        found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        yield found
