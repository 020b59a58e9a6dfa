"""``GET /v1/functions/{id}/export``: a function as one zip file, or its table alone."""

from collections.abc import AsyncIterator
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from tortoise.functions import Sum

from pigeonhole import function_export, functions
from pigeonhole.errors import ForbiddenError, PigeonholeError, UnauthenticatedError
from pigeonhole.function_export import TableFormat
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.tables import Sample
from server import ids
from server.api.context import Context, MakeContext
from server.auth.visibility import find
from server.transport.errors import RequestError
from server.web.rest import problem

PATH = "/v1/functions/{id}/export"
MEDIA_TYPES = {
    "zip": "application/zip",
    TableFormat.CSV: "text/csv; charset=utf-8",
    TableFormat.JSON_LINES: "application/jsonl",
}
EXPECTED_BYTES = "X-Expected-Bytes"
"""Header of about how many bytes follow, for progress bars."""
BYTES_A_SAMPLE = 900
"""Bytes of a sample in a zip file besides its image: its row, and two headers."""
SAMPLES_A_POINT = 10
"""Samples for each point: every one is read and its image sent."""


class Export:
    """Streams a function's images, annotations and predictions to whoever may read them."""

    def __init__(self, make_context: MakeContext) -> None:
        """Create the endpoint with the function that creates contexts."""
        self._make_context = make_context

    async def answer(self, request: Request) -> Response:
        """Answer a request; ``?images=false`` leaves the images out of the zip file.

        ``?format=csv`` and ``?format=jsonl`` ask for the table alone.

        A refusal is told as a problem (RFC 9457), as `invoke` beside it does.
        """
        try:
            return await self._stream(request)
        except (PigeonholeError, RequestError) as error:
            return problem(error)

    async def _stream(self, request: Request) -> Response:
        context = await self._make_context(request)
        id = await function_to_export(context, request)
        images = request.query_params.get("images", "true")
        if images not in ("true", "false"):
            raise RequestError(400, "`images` must be `true` or `false`.")
        format = request.query_params.get("format", "zip")
        if format not in MEDIA_TYPES:
            raise RequestError(400, "`format` must be `zip`, `csv` or `jsonl`.")
        count = await Sample.filter(function_id=id).count()
        await context.meter.admit(1 + count // SAMPLES_A_POINT)
        if format == "zip":
            body = function_export.archive(context.services, id, images=images == "true")
        else:
            body = function_export.table(context.services, id, TableFormat(format))
        name = request.path_params["id"]
        expected = (
            await _expected_bytes(id, count) if images == "true" and format == "zip" else None
        )
        return StreamingResponse(
            _while_live(context, body),
            media_type=MEDIA_TYPES[format],
            headers={
                "Content-Disposition": f'attachment; filename="{name}.{format}"',
                "Cache-Control": "no-store",
                **({} if expected is None else {EXPECTED_BYTES: str(expected)}),
            },
        )


async def _expected_bytes(function_id: UUID, count: int) -> int:
    """Return about how many bytes an export with images has; images are not compressed again."""
    sized = Sample.filter(function_id=function_id).annotate(total=Sum("byte_size"))
    [found] = await sized.values("total")
    return int(found["total"] or 0) + BYTES_A_SAMPLE * count


async def _while_live(context: Context, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield a body until its reader's access ends; the zip file then lacks its directory."""
    async for chunk in body:
        if not context.viewer.live:
            return
        yield chunk


async def function_to_export(context: Context, request: Request) -> UUID:
    """Return the function that a path names, for a caller who may read it.

    Raises:
        UnauthenticatedError, ForbiddenError: The caller may read nothing.
        NotFoundError: Function not found, or not within the key's reach.
    """
    if not context.viewer.may(ApiKeyScope.READ):
        if context.viewer.key is None:
            raise UnauthenticatedError(
                "Exports require an API key with the scope READ. Send it as "
                "`Authorization: Bearer ...`."
            )
        raise ForbiddenError("Exports require the scope READ.")
    id = await find(context.viewer, ids.Kind.FUNCTION, request.path_params["id"], ("id",))
    return (await functions.get(id)).id
