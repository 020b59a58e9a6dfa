"""URLs of a Redis or Valkey: a server, a socket, or Sentinels that monitor the server."""

from dataclasses import dataclass, field
from typing import Any

from pigeonhole.urls import parts

FORMS = (
    "redis://HOST:PORT",
    "rediss://HOST:PORT",
    "unix:///PATH",
    "redis+sentinel://HOST:PORT,HOST:PORT/NAME",
)
SAME = {"valkey": "redis", "valkeys": "rediss"}
CONNECT_S = 5.0
"""Seconds that a connection may take to open."""
_TLS = ("ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname")
_SENTINEL = ("sentinel_username", "sentinel_password")
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")


@dataclass(frozen=True)
class RedisAddress:
    """The address of a Redis, and the options of a connection to it.

    The names of ``options`` are those of redis-py.
    """

    hosts: tuple[tuple[str, int], ...]  # one, or those of the Sentinels
    socket: str | None
    service: str | None  # the server's name in Sentinel
    tls: bool
    options: dict[str, Any] = field(repr=False)
    sentinel_options: dict[str, Any] = field(repr=False)


def parse(url: str) -> RedisAddress:
    """Return the address of a URL, whose database is its path or the option ``db``.

    Raises:
        ValueError: The URL cannot be used. The message completes a sentence about the URL.
    """
    scheme, plus, kind = url.strip().partition("://")[0].partition("+")
    scheme = SAME.get(scheme, scheme)
    sentinel, tls = kind == "sentinel", scheme == "rediss"
    if scheme not in ("redis", "rediss", "unix") or (plus and (not sentinel or scheme == "unix")):
        raise ValueError(f"must be a URL of the form {' or '.join(FORMS)}")
    found = parts.split(url)
    supported = ["db", "client_name", "socket_connect_timeout"]
    supported += _TLS if tls else ()
    supported += _SENTINEL if sentinel else ()
    refused_tls = sorted(set(found.options) & set(_TLS)) if not tls else []
    if refused_tls:
        raise ValueError(f"has {', '.join(refused_tls)}, but TLS needs a rediss:// URL")
    parts.check_options(found.options, supported)
    path, service = found.path, None
    if sentinel:
        service, _, path = path.strip("/").partition("/")
        if not service:
            raise ValueError(
                "lacks the name of the server that the Sentinels monitor; its form is "
                "redis+sentinel://HOST:PORT,HOST:PORT/NAME"
            )
    if scheme == "unix":
        if found.hosts or len(path) < 2:
            raise ValueError("must name an absolute path with three slashes, as in unix:///PATH")
    elif not found.hosts or not found.hosts[0][0]:
        raise ValueError(f"names no host or bucket; its form is {' or '.join(FORMS)}")
    elif len(found.hosts) > 1 and not sentinel:
        raise ValueError("has several hosts, which only redis+sentinel:// supports")
    tls_options = _tls_options(found.options) if tls else {}
    options = {
        "db": _database("" if scheme == "unix" else path, found.options.get("db")),
        "username": found.user,
        "password": found.password or None,
        "client_name": found.options.get("client_name"),
        "socket_connect_timeout": parts.seconds(
            "socket_connect_timeout", found.options.get("socket_connect_timeout", str(CONNECT_S))
        ),
        **tls_options,
    }
    return RedisAddress(
        hosts=tuple((name, port or (26379 if sentinel else 6379)) for name, port in found.hosts),
        socket=path if scheme == "unix" else None,
        service=service,
        tls=tls,
        options=options,
        sentinel_options={
            "username": found.options.get("sentinel_username"),
            "password": found.options.get("sentinel_password"),
            "socket_connect_timeout": options["socket_connect_timeout"],
            "socket_timeout": CONNECT_S,
            **({"ssl": True, **tls_options} if tls else {}),
        },
    )


def _database(path: str, option: str | None) -> int:
    said = path.strip("/") or option or "0"
    if not (said.isascii() and said.isdigit()):
        raise ValueError(f"has {said!r} in place of the number of a database")
    if option and path.strip("/") not in ("", option):
        raise ValueError(f"names two databases, {path.strip('/')} and {option}")
    return int(said)


def _tls_options(options: dict[str, str]) -> dict[str, Any]:
    """Return redis-py's TLS options; by default, the server's certificate and name are checked."""
    required = options.get("ssl_cert_reqs", "required").lower().removeprefix("cert_")
    parts.one_of("ssl_cert_reqs", required, ("required", "optional", "none"))
    check = options.get("ssl_check_hostname", "false" if required == "none" else "true").lower()
    parts.one_of("ssl_check_hostname", check, (*_YES, *_NO))
    if check in _YES and required == "none":
        raise ValueError("has ssl_check_hostname, which needs ssl_cert_reqs=required")
    for option in ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile"):
        if option in options:
            parts.check_file(option, options[option])
    return {
        "ssl_cert_reqs": required,
        "ssl_check_hostname": check in _YES,
        **{
            option: options[option]
            for option in ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
            if option in options
        },
    }
