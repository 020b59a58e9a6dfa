"""Ask this machine's own server over HTTP, with no more than the standard library.

The supervisor asks by this, and stays small.
"""

import asyncio
import json
from collections.abc import Mapping
from urllib.parse import urlsplit

ANSWER_S = 10.0


async def ask(
    url: str, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Status and body, past any proxy of the environment; status 0 where there is no answer."""
    parts = urlsplit(url)
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Connection: close",
        "Content-Length: 0",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
                head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            finally:
                writer.close()
        return int(head.split(b" ", 2)[1]), body.decode(errors="replace")
    except (OSError, TimeoutError, IndexError, ValueError):
        return 0, ""


async def login_link(url: str, secret: str) -> str | None:
    """A link that logs a browser in once, within ten minutes; None where the server gives none.

    The code stands in the fragment, which a browser sends to nobody and no log sees.
    """
    status, body = await ask(
        url, "/login/codes", method="POST", headers={"Authorization": f"Bearer {secret}"}
    )
    if status != 200:
        return None
    return f"{url}/login#{json.loads(body)['code']}"
