"""Helpers to post images to the REST API, and to read its problem documents."""

from typing import Any

import httpx

from tests import make
from tests.client import Client

PICTURE = make.picture(1)

URI = make.data_uri(PICTURE)


async def post(client: Client, id: str, query: str = "", **request: Any) -> httpx.Response:
    request["headers"] = {**client.headers, **request.get("headers", {})}
    return await client.http.post(f"/v1/functions/{id}/invoke{query}", **request)


def problem(response: httpx.Response) -> dict[str, Any]:
    """Return the members of a problem document that differ between problems."""
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body.pop("type") == "about:blank"
    assert body.pop("status") == response.status_code
    return body
