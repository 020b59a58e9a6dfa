"""Parsing of URLs, which may have several hosts and percent-encoded names."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

Host = tuple[str, int | None]


@dataclass(frozen=True)
class Parts:
    """The decoded parts of a URL.

    The messages of this module's errors complete a sentence that starts with the URL's name.
    """

    scheme: str
    user: str | None
    password: str | None = field(repr=False)
    hosts: tuple[Host, ...]  # with a port of None if the URL has none
    path: str
    options: dict[str, str] = field(repr=False)


def split(url: str) -> Parts:
    """Return the parts of a URL.

    White space around the URL, such as the line end of a file that it was read from, is ignored.

    Raises:
        ValueError: It is not a URL, or gives an option twice.
    """
    scheme, colon, rest = url.strip().partition("://")
    if not colon:
        raise ValueError("is not a URL")
    if "#" in rest:
        raise ValueError("has a '#', which must be written as %23")
    rest, _, query = rest.partition("?")
    authority, slash, path = rest.partition("/")
    credentials, at, hosts = authority.rpartition("@")
    user, colon, password = credentials.partition(":")
    return Parts(
        scheme=scheme,
        user=_decoded(user) if user else None,
        password=_decoded(password) if at and colon else None,
        hosts=tuple(_host(host) for host in hosts.split(",")) if hosts else (),
        path=_decoded(slash + path),
        options=_options(query),
    )


def _options(query: str) -> dict[str, str]:
    """Return the options of a query, in which a plus stands for itself as in libpq."""
    found: dict[str, str] = {}
    for option in filter(None, query.split("&")):
        name, _, value = option.partition("=")
        name = _decoded(name)
        if name in found:
            raise ValueError(f"has the option {name} twice")
        found[name] = _decoded(value)
    return found


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError("has percent-encoded bytes that are not UTF-8") from None


def check_options(options: Collection[str], supported: Collection[str]) -> None:
    """Check that all options are supported.

    Raises:
        ValueError: Some options are not; the message names them.
    """
    unknown = sorted(set(options) - set(supported))
    if unknown:
        raise ValueError(
            f"has the unsupported option {', '.join(unknown)}; "
            + (
                f"supported options are {', '.join(sorted(supported))}"
                if supported
                else "no options are supported"
            )
        )


def check_file(option: str, path: str) -> None:
    """Check that the value of an option is the path of a file.

    Raises:
        ValueError: There is no such file.
    """
    if not Path(path).is_file():
        raise ValueError(f"has {option}={path}, which is not a file")


def seconds(option: str, value: str) -> float:
    """Return the value of an option that is a number of seconds.

    Raises:
        ValueError: It is not a number above 0.
    """
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ValueError(f"has {option}={value}, which must be a number of seconds above 0")
    return number


def one_of(option: str, value: str, allowed: Collection[str]) -> str:
    """Return the value of an option that must be one of the allowed values.

    Raises:
        ValueError: It is another value.
    """
    if value not in allowed:
        raise ValueError(f"has {option}={value}, which must be one of {', '.join(allowed)}")
    return value


def _host(text: str) -> Host:
    name, bracket, rest = text.rpartition("]")
    if bracket:
        name, colon, port = name.removeprefix("["), rest[:1], rest[1:]
    else:
        name, colon, port = text.partition(":")
    if not colon:
        return _decoded(name), None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise ValueError(
            f"is not a URL: {port!r} is not a port; a '/', '?' or '@' in a password must be "
            "percent-encoded"
        )
    return _decoded(name), int(port)
