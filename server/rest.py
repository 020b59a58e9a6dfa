"""Asking a function by one POST, for applications that want no GraphQL."""

from http import HTTPStatus

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from pigeonhole import invocation
from pigeonhole.errors import ConflictError
from pigeonhole.invocation import Answered
from pigeonhole.paging import check_count
from pigeonhole.services import Services
from server import ids
from server.access import find_invocable
from server.context import Context, MakeContext
from server.inputs import read_data_uri, read_upload
from server.transport.body import JSON, UPLOAD, counted, media_type
from server.transport.decoding import decode
from server.transport.errors import RequestError, answer_of
from server.transport.limits import Limits

PATH = "/v1/functions/{id}/invoke"
DEFAULT_TOP_K = 5
FORM_BYTES = 64 * 1024  # that a form may have beside its file
RAW = "application/octet-stream"
TAKEN = (UPLOAD, JSON, "image/*", RAW)

STATUSES = {
    "NOT_FOUND": 404,
    "NOT_TRAINED": 409,
    "CONFLICT": 409,
    "IMAGE_TOO_LARGE": 413,
    "UNREADABLE_IMAGE": 422,
    "URL_NOT_FETCHED": 422,
    "LIMIT_REACHED": 422,
}
"""HTTP statuses of errors that GraphQL gives as data; others have those of the transport."""


class Invoke:
    """An ASGI app that asks the function of its path about the picture of its body."""

    def __init__(self, make_context: MakeContext, limits: Limits | None = None) -> None:
        self._make_context = make_context
        self._limits = limits or Limits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        most = self._most_bytes(scope)
        request = Request(scope, counted(receive, most, self._limits))
        try:
            try:
                response = await self._answer(request)
            except ClientDisconnect:
                return
            except Exception as error:  # noqa: BLE001 - every failure is told as a problem
                response = problem(error)
            await response(scope, receive, send)
        finally:
            await request.close()

    def _most_bytes(self, scope: Scope) -> int:
        if media_type(scope) == JSON:
            return self._limits.body_bytes
        most: int = scope["app"].state.services.settings.max_image_bytes
        return most + FORM_BYTES

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            raise RequestError(405, "A function is asked by POST.", headers={"Allow": "POST"})
        context = await self._make_context(request)
        await context.meter.admit(1)
        id = request.path_params["id"]
        function_id, _ = await find_invocable(context.viewer, id, ("id",))
        top_k = _top_k(request)
        await context.meter.admit_invokes()
        data = await self._picture(request, context)
        answered = await invocation.invoke(context.services, function_id, data, path=("image",))
        return JSONResponse(
            await _said(context, answered, top_k), headers={"Cache-Control": "no-store"}
        )

    async def _picture(self, request: Request, context: Context) -> bytes:
        """The bytes of the picture, whichever way it comes.

        Raises:
            RequestError, PigeonholeError: There are none.
        """
        kind = media_type(request.scope)
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise RequestError(415, "A body must not be compressed.", code="UNSUPPORTED_MEDIA_TYPE")
        if kind == UPLOAD:
            return await read_upload(context.services, await _file(request), ("image",))
        if kind == JSON:
            return await self._referred(context.services, await request.body())
        if kind.startswith("image/") or kind == RAW:
            return await request.body()
        raise RequestError(
            415,
            f"A body must be {', '.join(TAKEN[:-1])} or {RAW}, not {kind or 'untyped'}; "
            "with curl: -F image=@FILE",
            code="UNSUPPORTED_MEDIA_TYPE",
            headers={"Accept-Post": ", ".join(TAKEN)},
        )

    async def _referred(self, services: Services, body: bytes) -> bytes:
        try:
            given = decode(body, depth=self._limits.json_depth)
        except ValueError as error:
            raise RequestError(400, f"The request is not valid JSON: {error}.") from None
        match given:
            case {"url": str(url), **rest} if not rest:
                return await services.fetching.fetch(url, ("url",))
            case {"image": str(uri), **rest} if not rest:
                return read_data_uri(uri, ("image",))
        raise RequestError(400, 'The body must be {"url": "..."} or {"image": "data:..."}.')


def problem(error: Exception) -> Response:
    """An error as RFC 9457 has it, with the same code as in GraphQL."""
    status, headers, told = answer_of(error)
    extensions = dict(told.extensions or {})
    status = STATUSES.get(str(extensions.get("code")), status)
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": told.message,
        **extensions,
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _top_k(request: Request) -> int:
    text = request.query_params.get("topK", str(DEFAULT_TOP_K))
    top_k = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    check_count(top_k, path=("topK",))
    return top_k


async def _file(request: Request) -> UploadFile:
    """The one file of a form, whatever its field is called."""
    try:
        form = await request.form(max_files=1, max_fields=10, max_part_size=FORM_BYTES)
    except MultiPartException as error:
        raise RequestError(400, f"The form can't be read: {error.message}") from None
    except HTTPException as error:  # what Starlette makes of it within an application of its own
        raise RequestError(400, f"The form can't be read: {error.detail}") from None
    except (ValueError, KeyError, AssertionError) as error:
        raise RequestError(400, f"The form can't be read: {error}") from None
    for value in form.values():
        if isinstance(value, UploadFile):
            return value
    raise RequestError(400, "The form has no file; with curl: -F image=@FILE")


async def _said(context: Context, answered: Answered, top_k: int) -> dict[str, object]:
    prediction = answered.prediction
    ranked = prediction.ranking[:top_k]
    labels = await context.loaders.labels.load_many([id for id, _ in ranked])
    ranking = [
        {"label": label.name, "confidence": confidence}
        for label, (_, confidence) in zip(labels, ranked, strict=True)
        if label is not None  # deleted a moment ago
    ]
    if not ranking:
        raise ConflictError("The labels were deleted a moment ago; ask again.")
    return {
        "function": ids.encode(ids.Kind.FUNCTION, answered.invocation.function_id),
        "label": ranking[0]["label"],
        "confidence": ranking[0]["confidence"],
        "decision": prediction.decision.name,
        "ranking": ranking,
        "invocationId": ids.encode(ids.Kind.INVOCATION, answered.invocation.id),
        "modelVersion": prediction.model.version,
    }
