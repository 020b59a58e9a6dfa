"""Which pages of other origins may ask this server from a browser."""

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from pigeonhole.settings import Settings, listed

HEADERS = ("Authorization", "Content-Type", "Apollo-Require-Preflight", "X-Apollo-Operation-Name")
PREFLIGHT_S = 7_200  # that a browser may remember; the most that any keeps to


def cors(settings: Settings) -> list[Middleware]:
    """The middleware, where the settings name an origin.

    Cookies stay out: a page of another origin sends a key, or asks public functions.
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
            expose_headers=["Retry-After"],
            max_age=PREFLIGHT_S,
        )
    ]
