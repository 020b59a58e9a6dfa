"""Requests to URLs that callers name, over `CheckedNetwork`: images, and events of webhooks.

Each redirect is a new URL that has to pass the same checks.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Never
from weakref import WeakValueDictionary

import httpcore
import httpx
import structlog

from pigeonhole.addresses import own_hosts
from pigeonhole.errors import ImageTooLargeError, UrlNotFetchedError
from pigeonhole.services.checked_network import CheckedNetwork, Resolve
from pigeonhole.setting_checks import listed
from pigeonhole.settings import Settings

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_URL = 4_096  # characters
CONNECT_S = 5.0  # for each address
AT_ONCE_EACH = 8  # fetches of one caller
AT_ONCE = 32  # fetches of one process, each of which may hold an image in memory
HOST = re.compile(r"[a-z0-9._:-]{1,253}", re.ASCII)
UNTYPED = frozenset({"", "application/octet-stream", "binary/octet-stream"})
FAULTS = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    OSError,  # of TLS
)
NOT_FETCHED = "The URL could not be fetched."
"""The one message for refused, unknown and unreachable hosts, so that no network can be mapped."""

log = structlog.get_logger(__name__)


@dataclass
class Budget:
    """The bytes that all fetches of one request may still receive together."""

    left: int = 256 * 1024 * 1024
    caller: str = ""  # who sent the request; empty if callers are not distinguished

    def spend(self, count: int) -> None:
        """Count bytes as they arrive.

        Raises:
            ImageTooLargeError: The budget is exceeded.
        """
        self.left -= count
        if self.left < 0:
            raise ImageTooLargeError(
                "The images of this request are too large together. Send fewer at once."
            )


class Fetching:
    """Fetches images; `close` releases what the process holds open for this."""

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
        self._resolving = ThreadPoolExecutor(8, "resolve")  # a slow name must not delay others
        self._network = CheckedNetwork(resolve or self._look_up, self._own)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._of_callers: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def close(self) -> None:
        """Release the threads, including those that wait for a name server."""
        self._resolving.shutdown(wait=False, cancel_futures=True)

    async def fetch(
        self, url: str, path: tuple[str, ...] = (), budget: Budget | None = None
    ) -> bytes:
        """Return the bytes that a URL responds with.

        Raises:
            UrlNotFetchedError: The URL cannot or must not be fetched.
            ImageTooLargeError: The response exceeds the limit of an image or of the request.
        """
        budget = budget or Budget()
        within_s = self._settings.fetch_timeout_s
        try:
            async with self._slot(budget.caller, within_s), asyncio.timeout(within_s):
                return await self.follow(url, budget)
        except TimeoutError:
            raise UrlNotFetchedError(NOT_FETCHED, path=path) from None
        except FAULTS as error:
            log.info("not_fetched", reason=f"{type(error).__name__}: {error}")
            raise UrlNotFetchedError(NOT_FETCHED, path=path) from None
        except (UrlNotFetchedError, ImageTooLargeError) as error:
            error.path = path
            raise

    @asynccontextmanager
    async def _slot(self, caller: str, within_s: float) -> AsyncIterator[None]:
        """Wait for a slot; one caller can have at most a quarter of all.

        Raises:
            UrlNotFetchedError: No slot became free in time.
        """
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(within_s):
                    if caller:
                        own = self._of_callers.get(caller) or asyncio.Semaphore(AT_ONCE_EACH)
                        self._of_callers[caller] = own
                        await held.enter_async_context(own)
                    await held.enter_async_context(self._slots)
            except TimeoutError:
                raise UrlNotFetchedError(
                    "Too many URLs are being fetched. Try again soon."
                ) from None
            yield

    async def follow(self, text: str, budget: Budget) -> bytes:
        """Return the body of a URL, after all redirects.

        Raises:
            UrlNotFetchedError: It redirects too often, or one of the URLs must not be fetched.
        """
        url = self.checked(text)
        for _ in range(self._settings.fetch_redirects + 1):
            found = await self._ask(url, budget)
            if isinstance(found, bytes):
                return found
            url = self.checked(found, url)
        raise UrlNotFetchedError("URL redirects too often.")

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send a body, and return the status of the response, of which no more is read.

        Raises:
            UrlNotFetchedError: The URL cannot or must not be reached.
        """
        within_s = self._settings.fetch_timeout_s
        try:
            async with (
                self._slot("webhooks", within_s),
                asyncio.timeout(within_s),
                self._asking("POST", self.checked(url), {**headers}, body) as response,
            ):
                return response.status
        except (TimeoutError, *FAULTS) as error:
            log.info("not_posted", reason=f"{type(error).__name__}: {error}")
            raise UrlNotFetchedError(NOT_FETCHED) from None

    def checked(self, text: str, base: httpx.URL | None = None) -> httpx.URL:
        """Return a URL whose form is allowed.

        Raises:
            UrlNotFetchedError: It is not.
        """
        if len(text) > MAX_URL:
            _refuse(f"URL must have at most {MAX_URL:,} characters.")
        try:
            url = base.join(text) if base else httpx.URL(text)
        except (httpx.InvalidURL, ValueError):
            _refuse("URL is not valid.")
        if url.scheme not in ("http", "https"):
            _refuse("URL must start with http:// or https://.")
        if url.userinfo:
            _refuse("URL must not contain a user name or password.")
        host = url.raw_host.decode("ascii").rstrip(".")
        if not HOST.fullmatch(host):
            _refuse("URL is not valid.")
        port = (443 if url.scheme == "https" else 80) if url.port is None else url.port
        if port not in self._ports:
            _refuse("URL has a port that is not allowed.")
        return url.copy_with(host=host, port=port, fragment=None)

    async def _ask(self, url: httpx.URL, budget: Budget) -> bytes | str:
        """Return the bytes of a URL, or the target of its redirect."""
        wanted = {"Accept": "image/*", "Accept-Encoding": "identity"}
        async with self._asking("GET", url, wanted) as response:
            given = httpx.Headers(response.headers)
            if response.status in REDIRECTS and "location" in given:
                return given["location"]
            if response.status != 200:
                _refuse(f"URL responded with status {response.status}.")
            self._check(given)
            data = bytearray()
            async for chunk in response.aiter_stream():
                data += chunk
                budget.spend(len(chunk))
                if len(data) > self._settings.max_image_bytes:
                    self._refuse_length()
            return bytes(data)

    @asynccontextmanager
    async def _asking(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncIterator[httpcore.Response]:
        """Send one request over a connection of its own."""
        own = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": "Pigeonhole",
            "Connection": "close",
        }
        if body is not None:
            own["Content-Length"] = str(len(body))
        request: dict[str, Any] = {
            "url": httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            "headers": [*own.items(), *headers.items()],
            "content": body,
            "extensions": {"timeout": {"connect": CONNECT_S}},
        }
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=self._tls,
                max_connections=1,
                max_keepalive_connections=0,
                network_backend=self._network,
            ) as connections,
            connections.stream(method, **request) as response,
        ):
            yield response

    def _check(self, headers: httpx.Headers) -> None:
        """Refuse a response by its headers if it need not be read."""
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if not kind.startswith("image/") and kind not in UNTYPED:
            _refuse("URL does not return an image.")
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            _refuse("URL returned a compressed response, which was not asked for.")
        length = headers.get("content-length", "")
        known = int(length[:20]) if length.isascii() and length.isdigit() else 0
        if known > self._settings.max_image_bytes:
            self._refuse_length()

    def _refuse_length(self) -> Never:
        raise ImageTooLargeError(
            f"Image must have at most {self._settings.max_image_bytes:,} bytes."
        )

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Return the TLS context; reading the certificates takes some 20 ms, once."""
        return self._given_tls or httpx.create_ssl_context(trust_env=False)

    async def _look_up(self, host: str, port: int) -> list[str]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._resolving, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [str(address[0]) for *_, address in found]


def _refuse(message: str) -> Never:
    raise UrlNotFetchedError(message)
