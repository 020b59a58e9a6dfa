"""The REST endpoint that invokes a function by one POST, for clients without GraphQL."""

from http import HTTPStatus

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from pigeonhole import invocation
from pigeonhole.errors import ConflictError
from pigeonhole.images import File
from pigeonhole.invocation import Answered
from pigeonhole.paging import check_count
from server import ids
from server.api.context import Context, MakeContext
from server.api.inputs import fetched, file_of, read_upload
from server.api.types.label import existing
from server.api.types.prediction import decision_for
from server.auth.visibility import find_invocable
from server.transport.bodies import Bodies
from server.transport.body import JSON, UPLOAD, check_cross_site, media_type
from server.transport.codes import Code
from server.transport.decoding import decode_aside
from server.transport.errors import RequestError, answer_of
from server.transport.limits import Limits
from server.transport.multipart import read_form
from server.transport.parameters import check_count_of
from server.transport.shielded import Shielded

PATH = "/v1/functions/{id}/invoke"
DEFAULT_TOP_K = 5
FORM_BYTES = 64 * 1024  # of a form, in addition to its file
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
"""HTTP statuses of errors that GraphQL returns as data; others use those of the transport."""


class Invoke:
    """An ASGI app that invokes the function of its path with the image of its body."""

    def __init__(
        self, make_context: MakeContext, shielded: Shielded, limits: Limits | None = None
    ) -> None:
        self._make_context = make_context
        self._shielded = shielded
        self._limits = limits or Limits()
        self._bodies = Bodies(self._limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        most = self._most_bytes(scope)
        await self._bodies.respond(scope, receive, send, most, self._answer, _refused)

    async def _file(self, request: Request) -> UploadFile:
        """Return the one file of a form, whatever the name of its field."""
        form = await read_form(
            request,
            max_files=1,
            max_fields=10,
            max_part_size=FORM_BYTES,
            folder=self._limits.upload_folder,
        )
        for value in form.values():
            if isinstance(value, UploadFile):
                return value
        raise RequestError(400, "The form contains no file. With curl, use -F image=@FILE.")

    def _most_bytes(self, scope: Scope) -> int:
        if media_type(scope) == JSON:
            return self._limits.body_bytes
        most: int = scope["app"].state.services.settings.max_image_bytes
        return most + FORM_BYTES

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            raise RequestError(405, "Use POST to invoke a function.", headers={"Allow": "POST"})
        check_count_of(request.scope, self._limits)
        request.state.context = context = await self._make_context(request)
        await context.meter.admit(1)
        id = request.path_params["id"]
        function_id, _ = await find_invocable(context.viewer, id, ("id",))
        top_k = _top_k(request)
        await context.meter.admit_invokes()
        file = await self._picture(request, context)
        await context.meter.admit_bytes(len(file.data))
        answered = await self._shielded.run(
            lambda: invocation.invoke(
                context.services, function_id, file.data, file_name=file.name, path=("image",)
            )
        )
        return JSONResponse(
            await _said(context, answered, top_k), headers={"Cache-Control": "no-store"}
        )

    async def _picture(self, request: Request, context: Context) -> File:
        """Return the image file, in whichever form it is sent.

        Raises:
            RequestError, PigeonholeError: There is no usable image.
        """
        kind = media_type(request.scope)
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise RequestError(
                415, "A body must not be compressed.", code=Code.UNSUPPORTED_MEDIA_TYPE
            )
        if kind == UPLOAD:
            check_cross_site(request.headers)
            return await read_upload(context.services, await self._file(request), ("image",))
        if kind == JSON:
            return await self._referred(context, await request.body())
        if kind.startswith("image/") or kind == RAW:
            return File(await request.body())
        raise RequestError(
            415,
            f"A body must be {', '.join(TAKEN[:-1])} or {RAW}, not {kind or 'untyped'}; "
            "with curl: -F image=@FILE",
            code=Code.UNSUPPORTED_MEDIA_TYPE,
            headers={"Accept-Post": ", ".join(TAKEN)},
        )

    async def _referred(self, context: Context, body: bytes) -> File:
        try:
            given = await decode_aside(body, depth=2, values=self._limits.strangers_json_values)
        except ValueError as error:
            raise RequestError(400, f"The request is not valid JSON: {error}.") from None
        match given:
            case {"url": str(url), **rest} if not rest:
                return await fetched(context, url, ("url",))
            case {"image": str(uri), **rest} if not rest:
                return await file_of(uri, ("image",))
        raise RequestError(400, 'The body must be {"url": "..."} or {"image": "data:..."}.')


def _refused(_: Request, error: Exception) -> Response:
    return problem(error)


def problem(error: Exception) -> Response:
    """Return the response for an error by RFC 9457, with the same code as in GraphQL."""
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


async def _said(context: Context, answered: Answered, top_k: int) -> dict[str, object]:
    prediction = answered.prediction
    left = await existing(context.loaders, prediction.ranking, top_k)
    ranking = [{"label": label.name, "confidence": confidence} for label, confidence in left]
    if not ranking:
        raise ConflictError("The predicted labels have just been deleted. Try again.")
    return {
        "function": ids.encode(ids.Kind.FUNCTION, answered.invocation.function_id),
        "label": ranking[0]["label"],
        "confidence": ranking[0]["confidence"],
        "decision": decision_for(prediction, left[0][0]).name,
        "ranking": ranking,
        "invocationId": ids.encode(ids.Kind.INVOCATION, answered.invocation.id),
        "modelVersion": prediction.model.version,
    }
