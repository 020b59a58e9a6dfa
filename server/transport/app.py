"""GraphQL over HTTP and websockets, to the letter of their specifications."""

import json
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
    Sequence,
)
from datetime import timedelta
from typing import Any, cast

import strawberry
from cross_web import AsyncHTTPRequestAdapter
from graphql import GraphQLError
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData, GraphQLRequestProtocol
from strawberry.subscriptions import (
    GRAPHQL_SSE_PROTOCOL,
    GRAPHQL_TRANSPORT_WS_PROTOCOL,
    MULTIPART_SUBSCRIPTION_PROTOCOL,
)
from strawberry.types import ExecutionResult, SubscriptionExecutionResult
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UNSET

from server.transport import multipart
from server.transport.body import UPLOAD, check_body, counted, media_type, most_bytes
from server.transport.context import OperationContext
from server.transport.decoding import decode
from server.transport.errors import RequestError, answer_of, headers_of, status_of
from server.transport.limits import Limits
from server.transport.negotiation import Answer, accepted, wants_page
from server.transport.parameters import read_parameters
from server.transport.persisted import PersistedDocuments
from server.transport.schema import ServedSchema
from server.transport.streaming import ClosingResponse, EventStreamTransport, MultipartTransport
from server.transport.websocket import Handler, SocketAdapter

MakeContext = Callable[[HTTPConnection], Awaitable[OperationContext]]

PROTOCOLS: Mapping[Answer, GraphQLRequestProtocol] = {
    Answer.EVENTS: "sse",
    Answer.MULTIPART: "multipart-subscription",
}

ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class GraphQLApp(GraphQL[Any, None]):
    """An ASGI app that serves a schema.

    HTTP is answered as GraphQL over HTTP has it, with streams as server-sent events (distinct
    connections) and multipart subscriptions; websockets speak graphql-transport-ws; files come
    by the GraphQL multipart request specification. What `make_context` gives, and when it is
    asked, stands at `OperationContext`. ``graphiql`` is the HTML of a page for browsers;
    ``allowed_origins`` are those whose pages may open a websocket beside this server's own; with
    ``registered_documents`` no other document is answered.

    Sources: https://graphql.github.io/graphql-over-http/draft/
    https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
    https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
    """

    graphql_transport_ws_handler_class = Handler
    websocket_adapter_class = SocketAdapter
    schema: ServedSchema

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        make_context: MakeContext,
        limits: Limits | None = None,
        graphiql: str | None = None,
        allowed_origins: Sequence[str] = (),
        registered_documents: Iterable[str] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.make_context = make_context
        self.page = graphiql
        self.stream_transport_classes_by_protocol = {
            GRAPHQL_SSE_PROTOCOL: EventStreamTransport,
            MULTIPART_SUBSCRIPTION_PROTOCOL: MultipartTransport,
        }
        super().__init__(
            ServedSchema(
                schema, self.limits, PersistedDocuments(self.limits, registered_documents)
            ),
            graphql_ide=None,
            subscription_protocols=(
                GRAPHQL_TRANSPORT_WS_PROTOCOL,
                GRAPHQL_SSE_PROTOCOL,
                MULTIPART_SUBSCRIPTION_PROTOCOL,
            ),
            connection_init_wait_timeout=timedelta(seconds=self.limits.socket_init_s),
            multipart_uploads_enabled=True,
            max_subscriptions_per_connection=None,  # the handler counts, to name the limit
            allowed_origins=allowed_origins,
        )
        for transport in self._stream_transport_map.values():
            transport.heartbeat_interval = self.limits.stream_ping_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hold a websocket."""
        if scope["type"] != "http":
            await self.run(WebSocket(scope, receive=receive, send=send))
            return
        most = most_bytes(scope, self.limits)
        request = Request(scope, counted(receive, most, self.limits))
        try:
            try:
                response = await self.run(request)
            except ClientDisconnect:
                return
            except Exception as error:  # noqa: BLE001 - every failure is told as GraphQL does
                response = self._refused(request, error)
            await response(scope, receive, send)
        finally:
            await request.close()

    async def run(self, request: Any, context: Any = UNSET, root_value: Any = UNSET) -> Any:
        """Check what costs nothing to check before anything is opened for the request."""
        if isinstance(request, Request):
            if request.method not in ("GET", "POST"):
                raise RequestError(
                    405, "GraphQL is asked by GET or POST.", headers={"Allow": "GET, POST"}
                )
            wants = request.headers.get("accept")
            asks = request.method == "POST" or "query" in request.query_params
            if self.page is not None and not asks and wants_page(wants):
                return HTMLResponse(self.page)
            request.state.answers = accepted(wants)
            if not request.state.answers:
                raise RequestError(
                    406, f"An answer can be one of: {', '.join(Answer)}.", code="NOT_ACCEPTABLE"
                )
            if request.method == "POST":
                check_body(request, self.limits)
        return await super().run(request, context, root_value)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> OperationContext | None:
        """Make the context of a request; a websocket's waits for its `connection_init`."""
        if not isinstance(request, Request):
            return None
        request.state.context = context = await self.make_context(request)
        return context

    def should_render_graphql_ide(self, request: object) -> bool:
        """Never: `run` has answered browsers already, with the page that was given."""
        return False

    def encode_json(self, data: object) -> str:
        """Encode an answer; a number that JSON does not have is a bug, and refused."""
        return ENCODER.encode(data)

    def decode_json(self, data: str | bytes) -> object:
        """Decode JSON from a stranger, or raise ValueError."""
        return decode(data, depth=self.limits.json_depth)

    def parse_json(self, data: str | bytes) -> Any:
        """Decode JSON of a request, or refuse the request."""
        try:
            return self.decode_json(data)
        except ValueError as error:
            raise RequestError(400, f"The request is not valid JSON: {error}.") from None

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        """Read the parameters, and choose how to answer by what they ask for."""
        http = cast("Request", request._request)  # type: ignore[attr-defined]
        if http.method == "GET":
            data: object = self.parse_query_params(request.query_params)
        elif media_type(http.scope) == UPLOAD:
            data = await multipart.read_operations(http, self.limits)
        else:
            data = self.parse_json(await http.body())
        parameters = read_parameters(data, self.limits, self.schema.persisted)
        if isinstance(parameters, list):
            self._choose(http, [Answer.RESPONSE, Answer.JSON])
            return parameters
        kind = await self._kind(parameters, http.state.context)
        if http.method == "GET" and kind is OperationType.MUTATION:
            raise RequestError(405, "A mutation must be sent by POST.", headers={"Allow": "POST"})
        if kind is OperationType.SUBSCRIPTION:
            answer = self._choose(http, [Answer.EVENTS, Answer.MULTIPART])
        else:
            answer = self._choose(http, [Answer.RESPONSE, Answer.JSON, Answer.EVENTS])
        parameters.protocol = PROTOCOLS.get(answer, "http")
        return parameters

    async def _kind(
        self, parameters: GraphQLRequestData, context: OperationContext
    ) -> OperationType | None:
        documents, text = self.schema.documents, parameters.query or ""
        try:
            if documents.are_sound(text):
                document = documents.parsed(text)
            else:
                context.foresee(self.limits.refusal_cost)  # who cannot pay does not even wait
                async with documents.turn(context.is_known):
                    context.foresee(self.limits.refusal_cost)
                    document = documents.parsed(text)
        except GraphQLError:
            return None
        return document.kind(parameters.operation_name)

    def _choose(self, request: Request, possible: list[Answer]) -> Answer:
        """Choose the answer that the client likes best of those that the operation can have."""
        answers: list[Answer] = request.state.answers
        for answer in answers:
            if answer in possible:
                request.state.answer = answer
                return answer
        raise RequestError(
            406,
            f"This operation can be answered as one of: {', '.join(possible)}.",
            code="NOT_ACCEPTABLE",
        )

    async def execute_operation(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequestData | list[GraphQLRequestData],
        context: Any,
        root_value: None,
        sub_response: Response,
    ) -> ExecutionResult | list[ExecutionResult] | SubscriptionExecutionResult:
        """Execute, and give the response its media type and its status."""
        result = await super().execute_operation(
            request, request_adapter, request_data, context, root_value, sub_response
        )
        request.state.source = result
        sub_response.media_type = answer = request.state.answer
        if isinstance(result, ExecutionResult) and _is_refused(result):
            error = (result.errors or [])[0]
            status = status_of((error.extensions or {}).get("code"))
            # A refused document is 200 to clients that know only application/json.
            sub_response.status_code = 200 if (status, answer) == (400, Answer.JSON) else status
            sub_response.headers.update(headers_of(error.original_error))
        elif isinstance(result, ExecutionResult):  # when to try a field again that was refused
            for error in result.errors or ():
                if hasattr(error.original_error, "retry_after_s"):
                    sub_response.headers.update(headers_of(error.original_error))
        return result

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """Format a result; one that was refused before execution has no `data`."""
        response = await super().process_result(request, result)
        if _is_refused(result):
            del response["data"]
        return response

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        """Answer with what `execute_operation` set."""
        response = Response(
            self.encode_json(response_data),
            sub_response.status_code or 200,
            media_type=f"{sub_response.media_type}; charset=utf-8",
        )
        response.raw_headers.extend(sub_response.raw_headers)
        return response

    async def create_streaming_response(
        self,
        request: Request | WebSocket,
        stream: Callable[[], AsyncIterator[str]],
        sub_response: Response,
        headers: Mapping[str, str],
    ) -> Response:
        """Answer with a stream."""
        text = cast("AsyncGenerator[str, None]", stream())
        return ClosingResponse(text, request.state.source, headers)

    def _refused(self, request: Request, error: Exception) -> Response:
        status, headers, told = answer_of(error)
        body = {"errors": [{"message": told.message, "extensions": dict(told.extensions or {})}]}
        answers = getattr(request.state, "answers", [])
        media = Answer.RESPONSE if answers[:1] == [Answer.RESPONSE] else Answer.JSON
        return Response(
            self.encode_json(body), status, headers, media_type=f"{media}; charset=utf-8"
        )


def _is_refused(result: ExecutionResult) -> bool:
    """Whether nothing was executed: an error of the request, not of a field."""
    errors = result.errors or []
    return result.data is None and bool(errors) and all(error.path is None for error in errors)
