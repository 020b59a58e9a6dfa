"""Pictures by URL: fetched from the public internet, bounded, and with no way inside.

A name is resolved once for each connection. Every address that it has must be outside, and the
connection is made to one of these addresses, not to the name: there is nothing between check and
connect that could change. Each redirect is a new URL, and is held to the same rules.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Never

import httpcore
import httpx
import structlog

from pigeonhole.addresses import Address, OwnHosts, is_outside, own_hosts, parse_address
from pigeonhole.errors import ImageTooLargeError, UrlNotFetchedError
from pigeonhole.settings import Settings, listed

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host's name, as `getaddrinfo` writes them; OSError where it has none."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_URL = 4_096  # characters
MAX_ADDRESSES = 4  # of one name that are tried
CONNECT_S = 5.0  # for each address
AT_ONCE = 32  # fetches of one process, each of which may hold a picture's bytes
HOST = re.compile(r"[a-z0-9._:-]{1,253}", re.ASCII)
UNTYPED = frozenset({"", "application/octet-stream", "binary/octet-stream"})
FAULTS = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    OSError,  # of TLS
)
NOT_FETCHED = "The URL could not be fetched."
"""Said of what is refused, unknown and out of reach alike, so that nobody can map the inside."""

log = structlog.get_logger(__name__)


@dataclass
class Budget:
    """Bytes that all fetches of one request may still bring, together."""

    left: int = 256 * 1024 * 1024

    def spend(self, count: int) -> None:
        """Count bytes as they arrive.

        Raises:
            ImageTooLargeError: They are more than were left.
        """
        self.left -= count
        if self.left < 0:
            raise ImageTooLargeError(
                "The pictures of this request have too many bytes together; ask for fewer at once."
            )


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to addresses that it has checked itself, whatever name they were asked by.

    The name stays what the Host header and TLS are about: httpcore takes them from the URL.
    """

    def __init__(self, resolve: Resolve, own: OwnHosts) -> None:
        self._resolve = resolve
        self._own = own
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check and connect."""
        failure: Exception = httpcore.ConnectError("no address")
        for address in (await self._checked(host, port))[:MAX_ADDRESSES]:
            try:
                return await self._network.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never: a socket's file is inside."""
        raise httpcore.ConnectError("not over a socket's file")

    async def _checked(self, host: str, port: int) -> list[Address]:
        """All addresses of a host, if each of them may be reached."""
        try:
            found = [parse_address(text) for text in await self._resolve(host, port)]
        except (OSError, ValueError) as error:
            raise httpcore.ConnectError(f"not resolved: {error}") from None
        for address in found:
            if not is_outside(address) and not self._own.allow(host, address):
                log.warning("fetch_refused", host=host, address=str(address))
                raise httpcore.ConnectError("refused")
        return list(dict.fromkeys(found))


class Fetching:
    """Fetches pictures; what a process holds open for it ends with `close`."""

    def __init__(
        self,
        settings: Settings,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._given_tls = tls
        self._own = own_hosts(listed(settings.fetch_allowed_hosts))
        self._ports = frozenset(int(port) for port in listed(settings.fetch_ports))
        self._resolving = ThreadPoolExecutor(8, "resolve")  # a slow name server holds up no other
        self._network = CheckedNetwork(resolve or self._look_up, self._own)
        self._slots = asyncio.Semaphore(AT_ONCE)

    def close(self) -> None:
        """Let go of the threads, also of those that wait for a name server."""
        self._resolving.shutdown(wait=False, cancel_futures=True)

    async def fetch(
        self, url: str, path: tuple[str, ...] = (), budget: Budget | None = None
    ) -> bytes:
        """The bytes that a URL gives.

        Raises:
            UrlNotFetchedError: It could not be fetched, or may not be.
            ImageTooLargeError: It gives more bytes than a picture may have, or its request.
        """
        budget = budget or Budget()
        within_s = self._settings.fetch_timeout_s
        try:
            async with asyncio.timeout(within_s):
                await self._slots.acquire()
        except TimeoutError:
            raise UrlNotFetchedError(
                "Too many URLs are being fetched; try again.", path=path
            ) from None
        try:
            async with asyncio.timeout(within_s):
                return await self._follow(url, budget)
        except TimeoutError:
            raise UrlNotFetchedError(NOT_FETCHED, path=path) from None
        except FAULTS as error:
            log.info("not_fetched", reason=f"{type(error).__name__}: {error}")
            raise UrlNotFetchedError(NOT_FETCHED, path=path) from None
        except (UrlNotFetchedError, ImageTooLargeError) as error:
            error.path = path
            raise
        finally:
            self._slots.release()

    async def _follow(self, text: str, budget: Budget) -> bytes:
        url = self._read(text)
        for _ in range(self._settings.fetch_redirects + 1):
            found = await self._ask(url, budget)
            if isinstance(found, bytes):
                return found
            url = self._read(found, url)
        raise UrlNotFetchedError("The URL redirects too often.")

    def _read(self, text: str, base: httpx.URL | None = None) -> httpx.URL:
        """A URL that may be asked, by its form."""
        if len(text) > MAX_URL:
            _refuse(f"A URL has at most {MAX_URL:,} characters.")
        try:
            url = base.join(text) if base else httpx.URL(text)
        except (httpx.InvalidURL, ValueError):
            _refuse("This is not a URL.")
        if url.scheme not in ("http", "https"):
            _refuse("A URL begins with http:// or https://.")
        if url.userinfo:
            _refuse("A URL must not hold a user's name or password.")
        host = url.raw_host.decode("ascii").rstrip(".")
        if not HOST.fullmatch(host):
            _refuse("This is not a URL.")
        port = (443 if url.scheme == "https" else 80) if url.port is None else url.port
        if port not in self._ports:
            _refuse("URLs with this port are not fetched.")
        return url.copy_with(host=host, port=port, fragment=None)

    async def _ask(self, url: httpx.URL, budget: Budget) -> bytes | str:
        """The bytes of a URL, or where it redirects to."""
        headers = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": "Pigeonhole",
            "Accept": "image/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        request: dict[str, Any] = {
            "url": httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            "headers": list(headers.items()),
            "extensions": {"timeout": {"connect": CONNECT_S}},
        }
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=self._tls,
                max_connections=1,
                max_keepalive_connections=0,
                network_backend=self._network,
            ) as connections,
            connections.stream("GET", **request) as response,
        ):
            given = httpx.Headers(response.headers)
            if response.status in REDIRECTS and "location" in given:
                return given["location"]
            if response.status != 200:
                _refuse(f"The URL answered {response.status}.")
            self._check(given)
            data = bytearray()
            async for chunk in response.aiter_stream():
                data += chunk
                budget.spend(len(chunk))
                if len(data) > self._settings.max_image_bytes:
                    self._refuse_length()
            return bytes(data)

    def _check(self, headers: httpx.Headers) -> None:
        """Refuse by its headers what need not be read."""
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if not kind.startswith("image/") and kind not in UNTYPED:
            _refuse("The URL does not give an image.")
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            _refuse("The URL gives compressed bytes, though plain ones were asked for.")
        length = headers.get("content-length", "")
        known = int(length[:20]) if length.isascii() and length.isdigit() else 0
        if known > self._settings.max_image_bytes:
            self._refuse_length()

    def _refuse_length(self) -> Never:
        raise ImageTooLargeError(f"A picture has at most {self._settings.max_image_bytes:,} bytes.")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Reading the certificates takes some 20 ms, once."""
        return self._given_tls or httpx.create_ssl_context(trust_env=False)

    async def _look_up(self, host: str, port: int) -> list[str]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._resolving, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [str(address[0]) for *_, address in found]


def _refuse(message: str) -> Never:
    raise UrlNotFetchedError(message)
