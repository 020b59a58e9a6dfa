"""Sessions of the page: a cookie that stands for an API key.

Nobody is logged in for where they come from, because a proxy on this machine makes the whole world
come from loopback. A session begins with a key, or with a code that is used once; `up` prints one.
The cookie can't be read by scripts, isn't sent by pages of other sites, and ends with its key.
"""

import hashlib
import secrets
from datetime import UTC, timedelta
from uuid import UUID

from arq.connections import ArqRedis
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from pigeonhole.errors import UnauthenticatedError
from pigeonhole.models import ApiKey
from pigeonhole.viewers import Viewer, Viewers

SESSION = timedelta(days=30)
"""How long a session lasts."""
CODE_S = 600
"""Seconds in which a login code must be used."""


class Sessions:
    """Makes and reads the cookie; its name is the database's own, for cookies know no ports."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="session")
        self.cookie = f"pigeonhole_{hashlib.sha256(secret.encode()).hexdigest()[:8]}"

    def begin(self, key: ApiKey, connection: HTTPConnection, response: Response) -> None:
        """Give the browser a session."""
        response.set_cookie(
            self.cookie,
            self._serializer.dumps(key.id.hex),
            max_age=int(SESSION.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=connection.url.scheme == "https",
        )

    def end(self, response: Response) -> None:
        """Have the browser forget its session."""
        response.delete_cookie(self.cookie, httponly=True, samesite="strict")

    async def viewer(self, connection: HTTPConnection, viewers: Viewers) -> Viewer | None:
        """Whom a request's cookie stands for; None without a session that holds.

        SameSite knows hosts and no ports: what a page on another port of this host sends is left
        out by what browsers say of it.
        """
        value = connection.cookies.get(self.cookie)
        site = connection.headers.get("sec-fetch-site", "none")
        if value is None or site not in ("same-origin", "none"):
            return None
        try:
            id, begun = self._serializer.loads(
                value, max_age=int(SESSION.total_seconds()), return_timestamp=True
            )
            return await viewers.of_id(
                UUID(hex=id), session=True, until=begun.astimezone(UTC) + SESSION
            )
        except (BadSignature, UnauthenticatedError):
            return None


async def new_code(redis: ArqRedis, key: ApiKey) -> str:
    """A code that begins one session of a key, within ten minutes; Redis keeps a hash of it."""
    code = secrets.token_urlsafe(32)
    await redis.set(_name(code), key.id.hex, ex=CODE_S)
    return code


async def key_of_code(redis: ArqRedis, code: str) -> UUID:
    """The key whose session a code begins; the code is used up.

    Raises:
        UnauthenticatedError: It was used before, or is too old.
    """
    found = await redis.getdel(_name(code))
    if found is None:
        raise UnauthenticatedError("This link was used already, or is older than ten minutes.")
    return UUID(hex=found.decode() if isinstance(found, bytes) else found)


def _name(code: str) -> str:
    return f"pigeonhole:login:{hashlib.sha256(code.encode()).hexdigest()}"
