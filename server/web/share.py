"""``/f/{id}``: a page of a public function, where anyone asks it about a photo without a key.

A private function and one that does not exist get the same page, so that neither gives anything
away. Requests of this page carry no session: it is the same for everybody.
"""

from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from pigeonhole.errors import NotFoundError
from pigeonhole.tables import Function
from server.api.context import MakeContext
from server.auth.visibility import find_public

PATH = "/f/{id}"
FILES = Path(__file__).parent / "share_page"
PAGE = (FILES / "share.html").read_text(encoding="utf-8")
ABSENT = (FILES / "absent.html").read_text(encoding="utf-8")
HEADERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


def routes(make_context: MakeContext) -> list[BaseRoute]:
    """Return the routes of the page and of its files."""

    async def page(request: Request) -> Response:
        context = await make_context(request)
        await context.meter.admit(1)
        try:
            function = await find_public(request.path_params["id"])
        except NotFoundError:
            return HTMLResponse(ABSENT, 404, HEADERS)
        return HTMLResponse(page_of(function), headers=HEADERS)

    return [
        Route("/f/assets/share.js", FileResponse(FILES / "share.js")),
        Route("/f/assets/share.css", FileResponse(FILES / "share.css")),
        Route(PATH, page, methods=["GET"]),
    ]


def page_of(function: Function) -> str:
    """Return the page of a function, which names it."""
    return PAGE.replace("{{name}}", escape(function.name))
