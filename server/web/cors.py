"""CORS: the origins whose pages may use this server from a browser."""

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from pigeonhole.setting_checks import listed
from pigeonhole.settings import Settings

HEADERS = (
    "Authorization",
    "Content-Type",
    "Apollo-Require-Preflight",
    "X-Apollo-Operation-Name",
    "X-Request-Id",
)
PREFLIGHT_S = 7_200  # how long browsers may cache a preflight; none accepts a longer time


def cors(settings: Settings) -> list[Middleware]:
    """Return the middleware if the settings name an origin.

    Cookies are excluded: a page of another origin sends a key, or invokes public functions.
    """
    origins = listed(settings.cors_origins)
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=HEADERS,
            expose_headers=["Retry-After", "X-Request-Id"],
            max_age=PREFLIGHT_S,
        )
    ]
