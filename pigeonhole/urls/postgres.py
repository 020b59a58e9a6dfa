"""URLs of a PostgreSQL database, with the options that its tools and hosting services use."""

import ssl
from typing import Any
from urllib.parse import quote, urlencode

from pigeonhole.urls import parts

_ALLOWED = {  # values of options that have few
    "sslnegotiation": ("postgres", "direct"),
    "ssl_min_protocol_version": ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
    "ssl_max_protocol_version": ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
    "target_session_attrs": (
        *("any", "primary", "standby", "read-write", "read-only", "prefer-standby"),
    ),
}
MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_DRIVERS = (  # asyncpg reads these from a URL by itself
    *_FILES, "sslmode", "sslpassword", "sslnegotiation", "ssl_min_protocol_version",
    "ssl_max_protocol_version", "target_session_attrs", "host", "port", "dbname", "user",
    "password", "passfile", "application_name", "options",
)  # fmt: skip
SUPPORTED = (*_DRIVERS, "connect_timeout", "channel_binding", "pgbouncer", "maxsize")


def parse(url: str) -> dict[str, Any]:
    """Return the ``dsn`` and other arguments of the driver's pool for a URL.

    ``pooled`` is whether the URL says that there is a pooler such as PgBouncer; None means that
    the URL does not say, so that it must be detected.

    Raises:
        ValueError: The URL cannot be used. The message completes a sentence about the URL.
    """
    found = parts.split(url)
    options = dict(found.options)
    parts.check_options(options, SUPPORTED)
    if len(found.path) < 2 and "dbname" not in options:
        raise ValueError("names no database; its form is postgres://USER@HOST/NAME")
    arguments: dict[str, Any] = {"pooled": None}
    if "connect_timeout" in options:
        arguments["timeout"] = parts.seconds("connect_timeout", options.pop("connect_timeout"))
    if "maxsize" in options:
        arguments["maxsize"] = _count(options.pop("maxsize"))
    if "pgbouncer" in options:
        said = parts.one_of("pgbouncer", options.pop("pgbouncer"), ("true", "false"))
        arguments["pooled"] = said == "true"
    if options.pop("channel_binding", "prefer") == "require":
        raise ValueError(
            "has the unsupported option channel_binding=require; remove it, and use "
            "sslmode=verify-full&sslrootcert=system to verify the server"
        )
    mode = parts.one_of("sslmode", options.get("sslmode", "prefer"), MODES)
    if options.get("sslrootcert") == "system":  # the certificates that this machine trusts
        if mode not in ("require", "verify-ca", "verify-full"):
            raise ValueError("has sslrootcert=system, which needs sslmode=verify-full")
        arguments["ssl"] = ssl.create_default_context()
        del options["sslrootcert"], options["sslmode"]
    for option, allowed in _ALLOWED.items():
        if option in options:
            parts.one_of(option, options[option], allowed)
    for port in options.get("port", "1").split(","):
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
            raise ValueError(f"has port={options['port']}, which must be a number up to 65535")
    for option in _FILES:
        if option in options:
            parts.check_file(option, options[option])
    return {"dsn": _dsn(found, options), **arguments}


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise ValueError(f"has maxsize={value}, which must be a number of connections above 0")
    return int(value)


def _dsn(found: parts.Parts, options: dict[str, str]) -> str:
    """Return a URL that asyncpg's parser reads in the same way as `parts`."""
    credentials = ""
    if found.user is not None or found.password is not None:
        credentials = quote(found.user or "", safe="")
        if found.password is not None:
            credentials += f":{quote(found.password, safe='')}"
        credentials += "@"
    hosts = ",".join(
        (f"[{name}]" if ":" in name else quote(name, safe=""))
        + (f":{port}" if port is not None else "")
        for name, port in found.hosts
    )
    query = f"?{urlencode(options, quote_via=quote)}" if options else ""
    return f"postgres://{credentials}{hosts}/{quote(found.path[1:], safe='')}{query}"
