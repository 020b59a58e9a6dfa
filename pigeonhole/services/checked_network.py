"""A network that reaches the public internet alone, and what of the own one is allowed.

A name is resolved once for each connection. All its addresses must be public, and the connection
is made to one of these addresses, not to the name, so that nothing can change between check and
connection.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence

import httpcore
import structlog

from pigeonhole.addresses import Address, OwnHosts, is_outside, parse_address

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Resolves a host name to addresses as `getaddrinfo` writes them; OSError if it has none."""

MAX_ADDRESSES = 4  # of one name that are tried

log = structlog.get_logger(__name__)


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Network backend that connects only to addresses it has checked.

    The Host header and TLS still use the name: httpcore takes them from the URL.
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
        """Resolve a host, check its addresses, and connect to one of them."""
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
        """Refuse: a Unix socket belongs to this machine."""
        raise httpcore.ConnectError("not over a socket's file")

    async def _checked(self, host: str, port: int) -> list[Address]:
        """Return all addresses of a host if each of them is allowed."""
        try:
            found = [parse_address(text) for text in await self._resolve(host, port)]
        except (OSError, ValueError) as error:
            raise httpcore.ConnectError(f"not resolved: {error}") from None
        for address in found:
            if not is_outside(address) and not self._own.allow(host, address):
                log.warning("fetch_refused", host=host, address=str(address))
                raise httpcore.ConnectError("refused")
        return list(dict.fromkeys(found))
