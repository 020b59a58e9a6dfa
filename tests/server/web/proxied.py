"""Servers behind a proxy with a configuration from the docs."""

import asyncio
import os
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send

from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from server.app import create_app
from tests import certificates
from tests.faults.backing import await_port
from tests.pigeonhole.running import loopback

PROXIES = Path(__file__).parents[3] / "docs" / "proxies"

WORDS = {
    "nginx": ("nginx", "-p", "{folder}", "-c", "{folder}/whole.conf"),
    "caddy": ("caddy", "run", "--adapter", "caddyfile", "--config", "{folder}/whole.conf"),
}

AROUND = {
    "nginx": (
        "daemon off; master_process off; pid nginx.pid; error_log stderr;\n"
        "events {}\n"
        "http {\n"
        "access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f;\n"
        "uwsgi_temp_path u; scgi_temp_path s;\n",
        "}\n",
    ),
    "caddy": ("{\n\tadmin off\n\tauto_https disable_redirects\n}\n", ""),
}

FILES = {"nginx": "nginx.conf", "caddy": "Caddyfile"}


@dataclass
class Placed:
    """Two servers behind a proxy, and the paths that each was asked for."""

    url: str  # the URL that browsers use
    context: ssl.SSLContext
    authority: Path
    settings: Settings
    asked: tuple[list[str], list[str]]


@asynccontextmanager
async def serving(services: Services) -> AsyncIterator[tuple[int, list[str]]]:
    """Run a real server in this process; yield its port and the paths of its requests."""
    app = create_app(services.settings, services)
    asked: list[str] = []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope.get("path", scope["type"]))
        await app(scope, receive, send)

    config = uvicorn.Config(
        noting, log_config=None, proxy_headers=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with loopback() as listening:
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()[1], asked
        finally:
            server.should_exit = True
            await running


@contextmanager
def behind(
    proxy: str,
    text: str,
    folder: Path,
    made: certificates.Certificates,
    ports: dict[str, int],
) -> Iterator[None]:
    """Run a proxy with a configuration in which ports and files are replaced."""
    text = text.replace("/etc/ssl/pigeonhole/server", str(made.certificate.with_suffix("")))
    text = text.replace("example.org", "127.0.0.1")
    for old, new in ports.items():
        text = text.replace(old, f"{old.rstrip('0123456789')}{new}")
    before, after = AROUND[proxy]
    (folder / "whole.conf").write_text(before + text + after)
    words = [word.format(folder=folder) for word in WORDS[proxy]]
    homes = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    with subprocess.Popen(words, env={**os.environ, **homes}, cwd=folder) as process:
        try:
            await_port(ports[next(iter(ports))])
            yield
        finally:
            process.terminate()
