"""Access tokens by OAuth 2.0 client credentials: an API key, exchanged for a short-lived JWT.

Source: RFC 6749, sections 2.3.1, 4.4 and 5; RFC 7519
"""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID

import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pigeonhole.access.keys import public_id, with_implied
from pigeonhole.access.viewers import Viewer, Viewers, refused
from pigeonhole.errors import UnauthenticatedError
from pigeonhole.kinds import ApiKeyScope
from server.auth.wrong_keys import metered
from server.transport.small_bodies import read_form

LIFE = timedelta(minutes=15)
"""Lifetime of a token; revoking its key invalidates it at once."""
SKEW = timedelta(seconds=30)
"""Largest accepted difference between the clocks of servers."""
ALGORITHM = "HS256"
ISSUER = "pigeonhole"


class Tokens:
    """Creates and reads tokens, signed with a secret of the database."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def issue(self, viewer: Viewer, scopes: frozenset[ApiKeyScope]) -> str:
        """Return a token of a key for some of its scopes."""
        assert viewer.key is not None
        now = datetime.now(UTC)
        claims = {
            "iss": ISSUER,
            "sub": viewer.key.id.hex,
            "scope": _words(scopes),
            "iat": now,
            "exp": now + LIFE,
        }
        return jwt.encode(claims, self._secret, ALGORITHM)

    async def viewer(self, token: str, viewers: Viewers) -> Viewer:
        """Return the viewer of a token.

        Raises:
            UnauthenticatedError: The token is not valid.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._secret,
                [ALGORITHM],
                issuer=ISSUER,
                leeway=SKEW,
                options={"require": ["exp", "iat", "sub", "scope"]},
            )
            id = UUID(hex=claims["sub"])
            scopes = with_implied(ApiKeyScope(word) for word in claims["scope"].split())
        except (jwt.InvalidTokenError, ValueError):
            raise refused() from None
        until = datetime.fromtimestamp(claims["exp"], UTC) + SKEW
        return await viewers.of_id(id, narrowed=scopes, until=until)


async def token(request: Request) -> Response:
    """Answer `POST /oauth/token`."""
    form = await read_form(request)
    if any(len(values) > 1 for values in form.values()):
        return _error("invalid_request", "A parameter is given twice.")
    given = {name: values[0] for name, values in form.items()}
    match given.get("grant_type"):
        case None:
            return _error("invalid_request", "grant_type is missing.")
        case "client_credentials":
            pass
        case _:
            return _error("unsupported_grant_type", "Only client_credentials is supported.")
    state = request.app.state
    viewers: Viewers = state.viewers
    tokens: Tokens = state.tokens
    name, secret = _client(request, given)
    try:
        async with metered(request):
            viewer = await viewers.of_secret(secret)
    except UnauthenticatedError:
        return _wrong_client()
    key = viewer.key
    if key is None or name not in (key.prefix, public_id(key)):
        return _wrong_client()
    words = {scope.value for scope in viewer.scopes}
    asked = set(given["scope"].lower().split()) if "scope" in given else words
    if not asked or not asked <= words:
        return _error("invalid_scope", f"The key only has the scopes {_words(viewer.scopes)}.")
    scopes = frozenset(ApiKeyScope(word) for word in asked)
    return _answer(
        {
            "access_token": tokens.issue(viewer, scopes),
            "token_type": "Bearer",
            "expires_in": int(LIFE.total_seconds()),
            "scope": _words(scopes),
        }
    )


def _client(request: Request, given: dict[str, str]) -> tuple[str, str]:
    """Return the client's name and secret, from HTTP Basic or the form; empty if missing."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return given.get("client_id", ""), given.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


def _words(scopes: frozenset[ApiKeyScope]) -> str:
    return " ".join(scope.value for scope in ApiKeyScope if scope in scopes)


def _wrong_client() -> Response:
    response = _error("invalid_client", "client_id and client_secret are not a valid key.", 401)
    response.headers["WWW-Authenticate"] = 'Basic realm="pigeonhole"'
    return response


def _error(code: str, description: str, status: int = 400) -> Response:
    return _answer({"error": code, "error_description": description}, status)


def _answer(body: dict[str, object], status: int = 200) -> Response:
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})
