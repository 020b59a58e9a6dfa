"""Requests to the server on this machine."""

import json
from collections.abc import Mapping

import httpx

ANSWER_S = 10.0


async def ask(
    url: str, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Return a response's status and body without using a proxy; status 0 means no response."""
    # The request is plain HTTP, and `verify=False` spares loading certificates.
    client = httpx.AsyncClient(trust_env=False, verify=False, timeout=ANSWER_S)
    try:
        async with client:
            answer = await client.request(method, f"{url}{path}", headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        return 0, ""
    return answer.status_code, answer.text


async def login_link(url: str, secret: str, *, public_url: str = "") -> str | None:
    """Return a link that logs in one browser once, within ten minutes; None if it is refused.

    ``url`` is where this machine reaches the server, and ``public_url``, if given, where browsers
    do. The code is in the fragment, which browsers do not send to servers, so it is in no log.
    """
    status, body = await ask(
        url, "/login/codes", method="POST", headers={"Authorization": f"Bearer {secret}"}
    )
    if status != 200:
        return None
    return f"{public_url or url}/login#{json.loads(body)['code']}"
