"""``GET /v1/functions/{id}/model``: the active model as one zip file that runs by itself."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pigeonhole.errors import PigeonholeError
from pigeonhole.model_export import bundle
from server.api.context import MakeContext
from server.transport.errors import RequestError
from server.web.export import function_to_export
from server.web.rest import problem

PATH = "/v1/functions/{id}/model"
PRICE = 100
"""Points: it takes some ten seconds of a processor."""


class ModelExport:
    """Makes and sends a function's model to whoever may read the function, one at a time."""

    def __init__(self, make_context: MakeContext) -> None:
        """Take what makes the context of a request."""
        self._make_context = make_context
        self._turn = asyncio.Lock()

    async def answer(self, request: Request) -> Response:
        """Answer a request; ``?precision=int8`` asks for a smaller model.

        A refusal is told as a problem (RFC 9457).
        """
        try:
            return await self._made(request)
        except (PigeonholeError, RequestError) as error:
            return problem(error)

    async def _made(self, request: Request) -> Response:
        context = await self._make_context(request)
        id = await function_to_export(context, request)
        precision = request.query_params.get("precision", "float32")
        if precision not in ("float32", "int8"):
            raise RequestError(400, "`precision` must be `float32` or `int8`.")
        await context.meter.admit(PRICE)
        async with self._turn:
            file = await bundle.make(context.services, id, quantize=precision == "int8")
        name = f"{request.path_params['id']}-model.zip"
        return StreamingResponse(
            bundle.chunks(file),
            media_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )
