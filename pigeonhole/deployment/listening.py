"""The listening socket, and the server that runs on it."""

import asyncio
import errno
import importlib
import ipaddress
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pigeonhole.settings import OperatorError, Settings

if TYPE_CHECKING:
    import uvicorn

STOP_S = 10  # for requests in progress when the server is asked to stop
LARGEST_MESSAGE_BYTES = 16 << 20  # of a websocket; GraphQL requests have a limit of their own
BACKLOG = 2048


APPS = Path(__file__).parents[1] / "apps"
"""The folder of the packages ``server`` and ``worker`` in a wheel; missing in a checkout."""


def load(name: str) -> Callable[..., Any]:
    """Import a module and return a function of it, given as ``module:function``.

    Commands load ``server`` and ``worker`` by name, so that no module of ``pigeonhole`` imports
    either of them; import-linter checks this.
    """
    if APPS.is_dir() and str(APPS) not in sys.path:
        sys.path.insert(0, str(APPS))  # before any other package named server or worker
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket.

    Raises:
        OperatorError: The address is in use, not one of this machine, or not allowed.
    """
    six = ":" in host
    try:
        return socket.create_server(
            (host, port),
            family=socket.AF_INET6 if six else socket.AF_INET,
            backlog=BACKLOG,
            dualstack_ipv6=host == "::" and socket.has_dualstack_ipv6(),
        )
    except socket.gaierror:
        said = f"{host!r} is not an address. Use 127.0.0.1, or 0.0.0.0 for all networks."
    except OSError as error:
        match error.errno:
            case errno.EADDRINUSE:
                said = (
                    f"Port {port} on {host} is in use. Stop the process that listens there, or "
                    "choose another port with --port, PIGEONHOLE_PORT or PORT."
                )
            case errno.EADDRNOTAVAIL:
                said = (
                    f"{host} is not an address of this machine. Use 127.0.0.1, or 0.0.0.0 for "
                    "all networks."
                )
            case errno.EACCES:
                said = (
                    f"This user may not listen on port {port}. Choose one above 1023 with --port, "
                    "PIGEONHOLE_PORT or PORT."
                )
            case _:
                said = f"Cannot listen on port {port} of {host}: {error.strerror}."
    raise OperatorError(said)


def is_loopback(listener: socket.socket) -> bool:
    """Return whether only this machine can reach a listening socket."""
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def reached_at(listener: socket.socket) -> tuple[str, int]:
    """Return the address and port at which this machine reaches a listening socket."""
    host, port = listener.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port


def url_of(listener: socket.socket) -> str:
    """Return the URL at which this machine reaches a listening socket."""
    host, port = reached_at(listener)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def config_of(app: Any) -> "uvicorn.Config":
    """Return how uvicorn serves the application."""
    import uvicorn

    return uvicorn.Config(
        app,
        loop="uvloop",
        http="server.transport.request_heads:BoundedHeads",
        ws="server.transport.slices:SlicedFrames",
        lifespan="on",
        ws_max_size=LARGEST_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # 16 kB could unpack to a message of the largest size
        timeout_graceful_shutdown=STOP_S,
        log_config=None,
        access_log=False,  # the app writes its own line for each request
        server_header=False,
        proxy_headers=False,  # the app evaluates them itself
        backlog=BACKLOG,
    )


def serve(settings: Settings, listener: socket.socket) -> None:
    """Serve requests until a signal asks to stop.

    At the signal, streams and incomplete uploads end at once; other requests in progress have
    ``STOP_S`` seconds to finish.

    Raises:
        OperatorError: The database file or the folder of images vanished.
    """
    import uvicorn

    from pigeonhole.deployment import doctor_public, vanishing

    app = load("server.app:create_app")(settings)

    class Server(uvicorn.Server):
        gone: OperatorError | None = None

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            self.watching = asyncio.create_task(self.watch())
            if settings.public_url:
                self.hinting = asyncio.create_task(doctor_public.hint(settings))

        async def watch(self) -> None:
            self.gone = await vanishing.noticed(settings)
            self.should_exit = True

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.state.stopping.begin()
            await super().shutdown(sockets)

    server = Server(config_of(app))
    server.run(sockets=[listener])
    if server.gone is not None:
        raise server.gone
