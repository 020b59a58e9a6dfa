"""Listen on the address of the settings, and run uvicorn there."""

import errno
import importlib
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from pigeonhole.settings import LogLevel, OperatorError, Settings

STOP_S = 10  # that open requests and streams may take to end
LARGEST_MESSAGE_BYTES = 16 << 20  # over a websocket; GraphQL itself refuses longer ones
BACKLOG = 2048


def load(name: str) -> Callable[..., Any]:
    """The function that ``module:function`` names.

    The commands reach ``server`` and ``worker`` by such names: they start those processes, and
    still no module of ``pigeonhole`` is built on either, which import-linter sees to.
    """
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket.

    Raises:
        OperatorError: The address is taken, not this machine's, or not allowed.
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
        said = f"{host!r} is not an address; use 127.0.0.1, or 0.0.0.0 for every network."
    except OSError as error:
        match error.errno:
            case errno.EADDRINUSE:
                said = (
                    f"Port {port} on {host} is taken. Stop what listens there, or choose another "
                    "port with --port, PIGEONHOLE_PORT or PORT."
                )
            case errno.EADDRNOTAVAIL:
                said = (
                    f"{host} is not an address of this machine; use 127.0.0.1, or 0.0.0.0 for "
                    "every network."
                )
            case errno.EACCES:
                said = (
                    f"This user may not listen on port {port}; choose one above 1023 with --port, "
                    "PIGEONHOLE_PORT or PORT."
                )
            case _:
                said = f"Cannot listen on port {port} of {host}: {error.strerror}."
    raise OperatorError(said)


def is_loopback(listener: socket.socket) -> bool:
    """Whether only this machine reaches a listening socket."""
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def reached_at(listener: socket.socket) -> tuple[str, int]:
    """The address and port by which this machine reaches a listening socket."""
    host, port = listener.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port


def url_of(listener: socket.socket) -> str:
    """The URL by which this machine reaches a listening socket."""
    host, port = reached_at(listener)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(settings: Settings, listener: socket.socket) -> None:
    """Answer requests until a signal says to stop.

    ``X-Forwarded-*`` is believed from ``trusted_proxies`` alone. An open stream does not hold up
    the end of the process for longer than ``STOP_S`` seconds.
    """
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(
            load("server.app:create_app")(settings),
            loop="uvloop",
            http="server.request_heads:BoundedHeads",
            lifespan="on",
            ws_max_size=LARGEST_MESSAGE_BYTES,
            timeout_graceful_shutdown=STOP_S,
            log_config=None,
            access_log=settings.log_level is LogLevel.DEBUG,
            server_header=False,
            proxy_headers=settings.trusted_proxies != "",
            forwarded_allow_ips=settings.trusted_proxies,
            backlog=BACKLOG,
        )
    )
    server.run(sockets=[listener])
