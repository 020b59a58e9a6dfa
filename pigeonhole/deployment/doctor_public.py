"""The doctor's check of the public URL: whether the proxy there forwards everything."""

import asyncio
import base64
import os
import ssl
from contextlib import suppress
from urllib.parse import urlsplit

import structlog

from pigeonhole.deployment.doctor import Check, State, said
from pigeonhole.settings import Settings, variable

ANSWER_S = 5.0
"""Seconds that the proxy may take to answer."""
REFUSAL_S = 1.0
"""Seconds within which a proxy refuses a long body, which it does before the body is sent."""
START_S = 30.0
"""Seconds after a server's start within which the proxy notices that the server is available."""
NAME = "public URL"
COMPARE = "Compare its configuration with docs/proxies."

log = structlog.stdlib.get_logger(__name__)


async def check_public_url(settings: Settings, trusted: ssl.SSLContext | None = None) -> Check:
    """Check that the public URL leads to a server, and that websockets and long uploads work there.

    The body of the upload is announced but not sent. ``trusted`` has the trusted authorities, by
    default those of this machine.
    """
    url = settings.public_url
    if not url:
        return Check(NAME, State.OK, "Not set: the server uses the URL of each request.")
    try:
        status, head = await _ask(url, trusted, "GET", "/version", wait_s=ANSWER_S)
    except OSError as error:
        return Check(
            NAME,
            State.WARNING,
            f"{url} cannot be reached from here: {said(error)}",
            "Ignore this if this machine has no access to it; otherwise correct the proxy or "
            f"{variable('public_url')}.",
        )
    if status != 200 or "x-request-id" not in head:
        return Check(
            NAME,
            State.WARNING,
            f"{url}/version answers with status {status}, but not like Pigeonhole.",
            f"Start the servers, or correct the proxy or {variable('public_url')}.",
        )
    if lacks := await _lacks(settings, trusted):
        found = f"The proxy at {url} {', and '.join(lacks)}."
        return Check(NAME, State.WARNING, found, COMPARE)
    return Check(NAME, State.OK, f"{url} works, with websockets and long uploads.")


async def hint(settings: Settings, *, after_s: float = START_S) -> None:
    """Log once, some time after a server has started, what the proxy at the public URL refuses.

    A proxy that cannot be reached from this machine is ignored.
    """
    await asyncio.sleep(after_s)
    with suppress(OSError):
        if lacks := await _lacks(settings, None):
            log.warning("The reverse proxy does not forward everything.", lacks=lacks, fix=COMPARE)


async def _lacks(settings: Settings, trusted: ssl.SSLContext | None) -> list[str]:
    """Return what the proxy refuses, as phrases such as "refuses websockets".

    Raises:
        OSError: It cannot be reached.
    """
    url, lacks = settings.public_url, []
    if await _passes_websockets(url, trusted) is False:
        lacks.append("refuses websockets")
    if not await _takes(url, trusted, settings.max_image_bytes):
        lacks.append(f"refuses uploads of {settings.max_image_bytes} bytes")
    return lacks


async def _passes_websockets(url: str, trusted: ssl.SSLContext | None) -> bool | None:
    """Return whether a websocket opens; None if no server answers."""
    status, _ = await _ask(
        url,
        trusted,
        "GET",
        "/graphql",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Protocol: graphql-transport-ws",
        wait_s=ANSWER_S,
    )
    return None if status == 0 or status >= 500 else status == 101


async def _takes(url: str, trusted: ssl.SSLContext | None, length: int) -> bool:
    """Return whether a body of ``length`` bytes is accepted when it is announced."""
    form = "Content-Type: multipart/form-data; boundary=x"
    status, _ = await _ask(
        url, trusted, "POST", "/graphql", form, f"Content-Length: {length}", wait_s=REFUSAL_S
    )
    return status != 413


async def _ask(
    url: str, trusted: ssl.SSLContext | None, method: str, path: str, *headers: str, wait_s: float
) -> tuple[int, str]:
    """Send the head of a request; return the status and the lower-case head of the response.

    The status is 0 if there is no response within ``wait_s`` seconds.

    Raises:
        OSError: The address cannot be reached, or its certificate is not valid.
    """
    parts = urlsplit(url)
    context = None
    if parts.scheme == "https":
        context = trusted or ssl.create_default_context()
    port = parts.port or (443 if context else 80)
    head = [f"{method} {parts.path}{path} HTTP/1.1", f"Host: {parts.netloc}", *headers, "", ""]
    async with asyncio.timeout(ANSWER_S):
        reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=context)
    try:
        writer.write("\r\n".join(head).encode())
        async with asyncio.timeout(wait_s):
            answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        return int(answer.split()[1]), answer
    except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return 0, ""
    finally:
        writer.transport.abort()
