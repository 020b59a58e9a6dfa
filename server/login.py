"""Logging in to the page: by a key, or by a code that `up` or `pigeonhole login` printed.

The code comes in the fragment of a URL, which browsers send to nobody; a script reads it there and
posts it. All that changes something takes JSON alone, which no form of another site can send.
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from pigeonhole.errors import UnauthenticatedError
from pigeonhole.services import Services
from pigeonhole.viewers import Viewers
from server import page
from server.callers import viewer_of
from server.sessions import Sessions, key_of_code, new_code
from server.small_bodies import read_json

FILES = Path(__file__).parent / "login_page"


def routes() -> list[BaseRoute]:
    """The login page with its files, what it asks, and the page itself for those logged in."""
    routes: list[BaseRoute] = [
        Route("/login", _page, methods=["GET"]),
        Route("/login", _log_in, methods=["POST"]),
        Route("/login", _log_out, methods=["DELETE"]),
        Route("/login/codes", _make_code, methods=["POST"]),
        Route("/login/login.js", _file("login.js")),
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
    if isinstance(given.get("code"), str):
        viewer = await viewers.of_id(await key_of_code(services.redis, given["code"]))
    elif isinstance(given.get("key"), str):
        viewer = await viewers.of_secret(given["key"].strip())
    else:
        raise UnauthenticatedError("Give a key or a code.")
    response = Response(status_code=204)
    assert viewer.key is not None
    sessions.begin(viewer.key, request, response)
    return response


async def _log_out(request: Request) -> Response:
    sessions: Sessions = request.app.state.sessions
    response = Response(status_code=204)
    sessions.end(response)
    return response


async def _make_code(request: Request) -> Response:
    """A code for one login with the key that asks for it."""
    services: Services = request.app.state.services
    viewer = await viewer_of(request)
    if viewer.key is None or viewer.session or viewer.narrowed is not None:
        raise UnauthenticatedError("Send the API key as `Authorization: Bearer ...`.")
    code = await new_code(services.redis, viewer.key)
    return JSONResponse({"code": code}, headers={"Cache-Control": "no-store"})


async def _index(request: Request) -> Response:
    state = request.app.state
    sessions: Sessions = state.sessions
    if await sessions.viewer(request, state.viewers) is None:
        return RedirectResponse("/login", 303)
    folder = page.built()
    assert folder is not None
    return FileResponse(folder / "index.html")
