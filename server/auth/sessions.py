"""The page's cookie, which names a session of an API key.

Requests from loopback are not logged in automatically, because behind a proxy on this machine all
requests come from loopback. A session begins with a key, or with a one-time code that `up` prints.
The cookie cannot be read by scripts, is not sent by pages of other sites, and is invalid once its
session has ended or its key is no longer valid. It is accepted only from pages of this server's own
origin: cookies are bound to hosts, but not to ports or schemes.
"""

import hashlib
import secrets
from uuid import UUID

from arq.connections import ArqRedis
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response
from strawberry.http.websocket_origin import normalize_origin

from pigeonhole.access import sessions
from pigeonhole.access.viewers import Viewer, Viewers
from pigeonhole.errors import ForbiddenError, UnauthenticatedError
from pigeonhole.tables import ApiKey, Session
from server.auth.picture_urls import origin_of

MAX_AGE_S = int(sessions.LIFE.total_seconds())
READING = ("GET", "HEAD")
"""Methods of requests that change nothing."""
CODE_S = 600
"""Seconds in which a login code must be used."""


class Sessions:
    """Creates and reads the cookie, named by the database because cookies ignore ports."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="session")
        self.cookie = f"pigeonhole_{hashlib.sha256(secret.encode()).hexdigest()[:8]}"

    async def begin(self, key: ApiKey, connection: HTTPConnection, response: Response) -> None:
        """Begin a session, and give its cookie to the browser."""
        response.set_cookie(
            self.cookie,
            self.value(await sessions.begin(key)),
            max_age=MAX_AGE_S,
            path=None,  # the path of the login page's folder, below which the server is
            httponly=True,
            samesite="strict",
            secure=connection.url.scheme == "https",
        )

    def value(self, session: Session) -> str:
        """Return the cookie of a session."""
        return self._serializer.dumps(session.id.hex)

    async def end(self, connection: HTTPConnection, response: Response, viewers: Viewers) -> None:
        """End the browser's session on every server, and have the browser forget it.

        Raises:
            ForbiddenError: The request is not of a page of this server.
        """
        viewer = await self.viewer(connection, viewers)
        if viewer is not None and viewer.session is not None:
            await viewers.end_session(viewer.session)
        response.set_cookie(
            self.cookie, max_age=0, expires=0, path=None, httponly=True, samesite="strict"
        )

    async def viewer(self, connection: HTTPConnection, viewers: Viewers) -> Viewer | None:
        """Return the viewer of a request's cookie; None without a valid session.

        Raises:
            ForbiddenError: The request may change something, or opens a websocket, and is not of a
                page of this server.
        """
        value = connection.cookies.get(self.cookie)
        site = connection.headers.get("sec-fetch-site", "none")
        if value is None or site not in ("same-origin", "none"):
            return None
        try:
            id = UUID(hex=self._serializer.loads(value, max_age=MAX_AGE_S))
            viewer = await viewers.of_session(id)
        except (BadSignature, UnauthenticatedError):
            return None
        if connection.scope.get("method") not in READING:
            check_origin(connection)
        return viewer


def check_origin(connection: HTTPConnection) -> None:
    """Refuse what a page of another scheme, host or port could have sent with this one's cookie.

    Browsers tell the origin of the page with every request that is not a GET, and with each
    websocket.

    Raises:
        ForbiddenError: The origin is another one, or is not told.
    """
    given, own = connection.headers.get("origin"), normalize_origin(origin_of(connection))
    if given is None:
        raise ForbiddenError(
            "A session is for browsers, which send `Origin`. Send an API key as "
            "`Authorization: Bearer ...`."
        )
    if own is None or normalize_origin(given) != own:
        raise ForbiddenError(
            f"A session is not valid for pages of {given[:100]}; this server is {own}. Behind a "
            "reverse proxy, set PIGEONHOLE_PUBLIC_URL; or set PIGEONHOLE_TRUSTED_PROXIES, and have "
            "the proxy send `X-Forwarded-Proto` and `X-Forwarded-Host`."
        )


async def new_code(redis: ArqRedis, key: ApiKey) -> str:
    """Return a code that begins one session of a key within ten minutes; Redis keeps its hash."""
    code = secrets.token_urlsafe(32)
    await redis.set(_name(code), key.id.hex, ex=CODE_S)
    return code


async def key_of_code(redis: ArqRedis, code: str) -> UUID:
    """Return the key whose session a code begins, and invalidate the code.

    Raises:
        UnauthenticatedError: The code has been used before or is too old.
    """
    found = await redis.getdel(_name(code))
    if found is None:
        raise UnauthenticatedError(
            "This link has been used, or is older than ten minutes. Run `pigeonhole login` again."
        )
    return UUID(hex=found.decode() if isinstance(found, bytes) else found)


def _name(code: str) -> str:
    return f"pigeonhole:login:{hashlib.sha256(code.encode()).hexdigest()}"
