"""Login to the page, by a key or by a code that `up` or `pigeonhole login` prints.

The code is in the fragment of a URL, which browsers do not send; a script reads it and posts it.
Requests that change something must be JSON, which forms of other sites cannot send.
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from pigeonhole.access.viewers import Viewers
from pigeonhole.errors import UnauthenticatedError
from pigeonhole.services import deletions
from pigeonhole.services.services import Services
from server.auth.callers import viewer_of
from server.auth.sessions import Sessions, key_of_code, new_code
from server.auth.wrong_keys import metered
from server.transport.small_bodies import read_json
from server.web import page

FILES = Path(__file__).parent / "login_page"


def routes() -> list[BaseRoute]:
    """Return the routes of the login page, its requests, and the page itself."""
    routes: list[BaseRoute] = [
        Route("/login", _page, methods=["GET"]),
        Route("/login", _log_in, methods=["POST"]),
        Route("/login", _log_out, methods=["DELETE"]),
        Route("/login/codes", _make_code, methods=["POST"]),
        Route("/login/login.js", _file("login.js")),
        Route("/login/tokens.css", _file("tokens.css")),
        Route("/login/login.css", _file("login.css")),
    ]
    if page.built() is not None:
        routes.append(Route("/", _index))
    return routes


async def _page(request: Request) -> Response:
    return FileResponse(FILES / "login.html", headers={"Referrer-Policy": "no-referrer"})


def _file(name: str) -> FileResponse:
    return FileResponse(FILES / name)


async def _log_in(request: Request) -> Response:
    """Begin a session by ``{"key": ...}`` or ``{"code": ...}``."""
    state = request.app.state
    services: Services = state.services
    viewers: Viewers = state.viewers
    sessions: Sessions = state.sessions
    given = await read_json(request)
    async with metered(request):
        if isinstance(given.get("code"), str):
            viewer = await viewers.of_id(await key_of_code(services.redis, given["code"]))
        elif isinstance(given.get("key"), str):
            viewer = await viewers.of_secret(given["key"].strip())
        else:
            raise UnauthenticatedError("API key or code is required.")
    response = Response(status_code=204)
    key = viewer.key
    assert key is not None
    # Logging in must also work on a full disk, in order to delete something.
    await deletions.carry_out(services, lambda: sessions.begin(key, request, response))
    return response


async def _log_out(request: Request) -> Response:
    sessions: Sessions = request.app.state.sessions
    response = Response(status_code=204)
    await sessions.end(request, response, request.app.state.viewers)
    return response


async def _make_code(request: Request) -> Response:
    """Return a code for one login with the key of the request."""
    services: Services = request.app.state.services
    viewer = await viewer_of(request)
    if viewer.key is None or viewer.session is not None or viewer.narrowed is not None:
        raise UnauthenticatedError("Send the API key as `Authorization: Bearer ...`.")
    code = await new_code(services.redis, viewer.key)
    return JSONResponse({"code": code}, headers={"Cache-Control": "no-store"})


async def _index(request: Request) -> Response:
    state = request.app.state
    sessions: Sessions = state.sessions
    if await sessions.viewer(request, state.viewers) is None:
        return RedirectResponse("login", 303)  # relative: the page may be below a path
    folder = page.built()
    assert folder is not None
    return FileResponse(folder / "index.html")
