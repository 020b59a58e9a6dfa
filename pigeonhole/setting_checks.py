"""Checks of the values of settings, which return the value or raise a ValueError."""

import re
from collections.abc import Callable
from ipaddress import ip_network
from urllib.parse import urlsplit

from pydantic import AfterValidator
from pydantic_core import ErrorDetails

from pigeonhole.addresses import own_hosts
from pigeonhole.urls import postgres, redis, storage

DATABASES = ("sqlite:///PATH", "postgres://USER@HOST/NAME", "postgresql://USER@HOST/NAME")


def _database(value: str) -> None:
    scheme = value.partition("://")[0]
    if scheme in ("postgres", "postgresql"):
        postgres.parse(value)
    elif scheme != "sqlite":
        raise ValueError(f"must be a URL of the form {' or '.join(DATABASES)}")
    elif not re.match("sqlite:///.", value):
        raise ValueError("must name an absolute path with three slashes, as in sqlite:///PATH")


def _unless_empty(check: Callable[[str], object]) -> AfterValidator:
    def checked(value: str) -> str:
        if value:
            check(value)
        return value

    return AfterValidator(checked)


DATABASE_URL = _unless_empty(_database)
REDIS_URL = _unless_empty(redis.parse)
STORAGE_URL = _unless_empty(storage.check)
"""Accept an empty value, or a valid URL; `pigeonhole.urls` parses it."""


def key_prefix(value: str) -> str:
    """Accept characters that need no quoting in Redis or its access rules."""
    if not re.fullmatch(r"[\w.:@/-]*", value, re.ASCII):
        raise ValueError("must consist of letters, digits and . : @ / - _")
    return value


def not_blank(value: str) -> str:
    """Accept a value with at least one visible character."""
    if not value.strip():
        raise ValueError("must not be blank")
    return value


def listed(value: str) -> list[str]:
    """Return the entries of a setting that is a list separated by commas."""
    return [entry.strip() for entry in value.split(",") if entry.strip()]


def hosts(value: str) -> str:
    """Accept a list of host names, addresses and networks."""
    own_hosts(listed(value))
    return value


def networks(value: str) -> str:
    """Accept a list of addresses and networks, or ``*``."""
    for entry in listed(value):
        if entry != "*":
            ip_network(entry)
    return value


def public_url(value: str) -> str:
    """Accept a URL of a scheme, a host and perhaps a path, and return it without a last slash."""
    parts = urlsplit(value)
    is_whole = parts.scheme in ("http", "https") and parts.netloc != "" and "@" not in parts.netloc
    is_plain = re.fullmatch(r"(/[\w.~-]+)*/?", parts.path, re.ASCII) is not None
    if (value and not (is_whole and is_plain)) or parts.query or parts.fragment:
        raise ValueError("must be a URL such as https://example.org or https://example.org/path")
    return value.rstrip("/")


def header_value(value: str) -> str:
    """Accept what an HTTP header can contain without quoting."""
    if not re.fullmatch(r"[!-~]*", value):
        raise ValueError("must consist of ASCII letters, digits and punctuation")
    return value


def ports(value: str) -> str:
    """Accept a list of TCP ports."""
    for port in listed(value):
        if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
            raise ValueError(f"{port!r} is not a port")
    return value


def origins(value: str) -> str:
    """Accept a list of web origins, or ``*``."""
    for origin in listed(value):
        parts = urlsplit(origin)
        whole = parts.scheme in ("http", "https") and parts.netloc != ""
        if origin != "*" and (not whole or origin != f"{parts.scheme}://{parts.netloc}"):
            raise ValueError(f"{origin!r} is not an origin, such as https://app.example")
    return value


def sentence(name: str, error: ErrorDetails) -> str:
    """Return the error of one variable, without its value if that can be a secret."""
    said = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    if name.endswith("_URL"):
        return f"{name} {said}."
    said = said.split(", unable to")[0]
    if name.endswith("_SECRET"):
        return f"{name} {said}."
    return f"{name} is {str(error['input'])!r}, but {said}."
