"""Signed URLs of pictures: whoever holds one may see that picture for an hour or two."""

import hmac
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache

from starlette.datastructures import URL
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response

from pigeonhole.errors import NotFoundError
from pigeonhole.models import Choice
from pigeonhole.storage import Kind, Storage

HOUR_S = 3_600
PATH = "/pictures"


@dataclass(frozen=True)
class PictureUrls:
    """Makes URLs below ``base``, such as ``https://pigeonhole.example``, and reads their tokens.

    A page of samples has a hundred of them: a token is one keyed hash of what it says, and nothing
    is compressed.
    """

    base: str
    secret: str

    def sign(self, sha256: str, kind: Kind, media_type: str) -> str:
        """A URL that works for one to two hours and stays the same within an hour, for caches."""
        expires = (int(time.time()) // HOUR_S + 2) * HOUR_S
        said = _text(f"{sha256} {kind.value} {media_type} {expires}".encode())
        return f"{self.base}{PATH}/{said}.{self._signature(said)}"

    def read(self, token: str) -> tuple[str, Kind, str, int] | None:
        """A token's picture, size, media type and expiry (Unix time); None if it is no good."""
        said, _, signature = token.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(said).encode()):
            return None
        sha256, kind, media_type, expires = urlsafe_b64decode(said + "==").decode().split(" ")
        return (
            (sha256, Kind(kind), media_type, int(expires)) if int(expires) > time.time() else None
        )

    def _signature(self, said: str) -> str:
        return _text(hmac.digest(self.secret.encode(), f"picture {said}".encode(), "sha256"))


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def base_of(connection: HTTPConnection) -> str:
    """Where a request reached this server, such as ``https://pigeonhole.example``."""
    scope = connection.scope
    host = next((value for name, value in scope["headers"] if name == b"host"), None)
    return _base(scope["scheme"], host, scope.get("server"))


@lru_cache(maxsize=100)
def _base(scheme: str, host: bytes | None, server: tuple[str, int | None] | None) -> str:
    headers = [] if host is None else [(b"host", host)]
    url = URL(scope={"scheme": scheme, "server": server, "path": "/", "headers": headers})
    return f"{'https' if scheme in ('https', 'wss') else 'http'}://{url.netloc}"


async def url_secret() -> str:
    """The secret that all servers of this database sign with, made by the first."""
    choice, _ = await Choice.get_or_create(
        name="url_secret", defaults={"value": secrets.token_urlsafe(32)}
    )
    return choice.value


async def picture(request: Request) -> Response:
    """Serve what a signed URL names; it never changes, so it may be cached until it expires."""
    urls = PictureUrls("", request.app.state.urls_secret)
    storage: Storage = request.app.state.services.storage
    named = urls.read(request.path_params["token"])
    if named is None:
        return PlainTextResponse("This link has expired; ask for a new one.", 403)
    sha256, kind, media_type, expires = named
    headers = {
        "Cache-Control": f"private, max-age={max(0, int(expires - time.time()))}, immutable",
        "ETag": f'"{sha256}-{kind}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-site",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    try:
        data = await storage.get(sha256, kind)
    except NotFoundError:
        return PlainTextResponse("This picture was deleted.", 404)
    return Response(data, media_type=media_type, headers=headers)
