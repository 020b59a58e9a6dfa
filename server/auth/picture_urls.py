"""Signed URLs of images: each lets its holder see one image for one to two hours."""

import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import URL
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response

from pigeonhole import images
from pigeonhole.errors import NotFoundError, PigeonholeError
from pigeonhole.services.services import Services
from pigeonhole.services.storage import Kind
from pigeonhole.setting_checks import listed

HOUR_S = 3_600
PATH = "/pictures"
RARELY_SHOWN = ("image/tiff", "image/heic")
"""Media types that most browsers do not show."""


@dataclass(frozen=True)
class PictureUrls:
    """Creates URLs below ``base``, such as ``https://pigeonhole.example``, and reads their tokens.

    A page of samples has a hundred URLs, so a token is its contents with one keyed hash,
    uncompressed.
    """

    base: str
    secret: str

    def sign(self, sha256: str, kind: Kind, media_type: str) -> str:
        """Return a URL valid for one to two hours that stays the same for an hour, for caches."""
        expires = (int(time.time()) // HOUR_S + 2) * HOUR_S
        said = _text(f"{sha256} {kind.value} {media_type} {expires}".encode())
        return f"{self.base}{PATH}/{said}.{self._signature(said)}"

    def read(self, token: str) -> tuple[str, Kind, str, int] | None:
        """Return a token's image, size, media type and expiry (Unix time); None if invalid."""
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
    """Return the URL below which the server is, such as ``https://example.org/pigeonhole``."""
    return origin_of(connection) + str(connection.scope.get("root_path", ""))


def origin_of(connection: HTTPConnection) -> str:
    """Return the origin of a request's URL, such as ``https://example.org``."""
    scope = connection.scope
    host = next((value for name, value in scope["headers"] if name == b"host"), None)
    return _origin_of(scope["scheme"], host, scope.get("server"))


@lru_cache(maxsize=100)
def _origin_of(scheme: str, host: bytes | None, server: tuple[str, int | None] | None) -> str:
    headers = [] if host is None else [(b"host", host)]
    url = URL(scope={"scheme": scheme, "server": server, "path": "/", "headers": headers})
    return f"{'https' if scheme in ('https', 'wss') else 'http'}://{url.netloc}"


async def picture(request: Request) -> Response:
    """Serve the image of a signed URL, which can be cached until the URL expires.

    A browser that does not show the image's format is sent a WebP of it.
    """
    urls = PictureUrls("", request.app.state.urls_secret)
    services: Services = request.app.state.services
    named = urls.read(request.path_params["token"])
    if named is None:
        return PlainTextResponse("This link has expired; ask for a new one.", 403)
    sha256, kind, media_type, expires = named
    headers = {
        "Cache-Control": f"private, max-age={max(0, int(expires - time.time()))}, immutable",
        "ETag": f'"{sha256}-{kind}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Referrer-Policy": "no-referrer",
        **_policy(request),
    }
    if media_type in RARELY_SHOWN:
        headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Accept")))
    as_webp = _needs_webp(request.headers.get("accept", ""), media_type)
    if as_webp:
        headers["ETag"] = f'"{sha256}-{kind}-webp"'
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    try:
        data = await services.storage.get(sha256, kind)
        if as_webp:
            data, media_type = await services.decoding.decode(data, images.shown), "image/webp"
    except NotFoundError:
        return PlainTextResponse("This picture was deleted.", 404)
    except PigeonholeError as error:  # the bounds have been lowered since it was uploaded
        return PlainTextResponse(str(error), 415)
    return Response(data, media_type=media_type, headers=headers)


def _needs_webp(accept: str, media_type: str) -> bool:
    """Return whether a client says which images it shows, and that the file is none of them.

    Browsers name the formats that they do not all have in common; programs accept anything.
    """
    return media_type in RARELY_SHOWN and "image/webp" in accept and media_type not in accept


def _policy(request: Request) -> dict[str, str]:
    """Return the policy of pages that may show the image: those that CORS allows, and this site's.

    A browser sends no ``Origin`` for an ``<img>``, but its page's origin as ``Referer``, unless the
    page forbids it; such a page can set the attribute ``crossorigin``.

    Source: https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header
    """
    name = "Cross-Origin-Resource-Policy"
    allowed = listed(request.app.state.services.settings.cors_origins)
    if "*" in allowed:
        return {name: "cross-origin"}
    if not allowed or request.headers.get("sec-fetch-site") == "same-origin":
        return {name: "same-site"}
    asked_by = _origin(request.headers.get("referer", ""))
    return {name: "cross-origin" if asked_by in allowed else "same-site", "Vary": "Referer"}


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"
