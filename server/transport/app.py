"""GraphQL over HTTP and websockets, as their specifications require."""

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
from starlette.requests import HTTPConnection, Request
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
from server.transport.bodies import Bodies
from server.transport.body import (
    UPLOAD,
    check_body,
    media_type,
    most_bytes,
    not_json,
    read_json,
)
from server.transport.codes import Code
from server.transport.context import OperationContext
from server.transport.decoding import decode
from server.transport.errors import RequestError
from server.transport.limits import Limits
from server.transport.negotiation import Answer, accepted, wants_page
from server.transport.outcome import ENCODER, Encoded, describe, encoded, is_refused, refuse
from server.transport.parameters import check_count_of, read_parameters
from server.transport.persisted import PersistedDocuments
from server.transport.schema import ServedSchema
from server.transport.shielded import Shielded
from server.transport.stopping import stopping_of
from server.transport.streaming import ClosingResponse, EventStreamTransport, MultipartTransport
from server.transport.websocket import Handler, SocketAdapter

MakeContext = Callable[[HTTPConnection], Awaitable[OperationContext]]

PROTOCOLS: Mapping[Answer, GraphQLRequestProtocol] = {
    Answer.EVENTS: "sse",
    Answer.MULTIPART: "multipart-subscription",
}


class GraphQLApp(GraphQL[Any, None]):
    """An ASGI app that serves a schema.

    HTTP follows GraphQL over HTTP, with streams as server-sent events (distinct connections) and
    multipart subscriptions; websockets use graphql-transport-ws; files are uploaded by the GraphQL
    multipart request specification. See `OperationContext` for what `make_context` returns and when
    it is called. ``graphiql`` is the HTML of a page for browsers; pages of ``allowed_origins``
    may open websockets as well as those of this server; with ``registered_documents`` no other
    document is executed.

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
        shielded: Shielded | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._bodies = Bodies(self.limits)
        self.shielded = shielded or Shielded(self.limits.mutations)
        self.make_context = make_context
        self.page = graphiql
        self.stream_transport_classes_by_protocol = {
            GRAPHQL_SSE_PROTOCOL: EventStreamTransport,
            MULTIPART_SUBSCRIPTION_PROTOCOL: MultipartTransport,
        }
        super().__init__(
            ServedSchema(
                schema,
                self.limits,
                PersistedDocuments(self.limits, registered_documents),
                self.shielded,
            ),
            graphql_ide=None,
            subscription_protocols=(
                GRAPHQL_TRANSPORT_WS_PROTOCOL,
                GRAPHQL_SSE_PROTOCOL,
                MULTIPART_SUBSCRIPTION_PROTOCOL,
            ),
            connection_init_wait_timeout=timedelta(seconds=self.limits.socket_init_s),
            multipart_uploads_enabled=True,
            max_subscriptions_per_connection=None,  # the handler counts them, to report the limit
            allowed_origins=allowed_origins,
        )
        for transport in self._stream_transport_map.values():
            transport.heartbeat_interval = self.limits.stream_ping_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or serve a websocket."""
        if scope["type"] != "http":
            await self.run(WebSocket(scope, receive=receive, send=send))
            return
        most = most_bytes(scope, self.limits)
        await self._bodies.respond(scope, receive, send, most, self.run, refuse)

    async def run(self, request: Any, context: Any = UNSET, root_value: Any = UNSET) -> Any:
        """Run the checks that cost nothing before anything is opened for the request."""
        if isinstance(request, Request):
            if request.method not in ("GET", "POST"):
                raise RequestError(
                    405, "Send GraphQL requests by GET or POST.", headers={"Allow": "GET, POST"}
                )
            check_count_of(request.scope, self.limits)
            wants = request.headers.get("accept")
            asks = request.method == "POST" or "query" in request.query_params
            if self.page is not None and not asks and wants_page(wants):
                return HTMLResponse(self.page)
            request.state.answers = accepted(wants)
            if not request.state.answers:
                raise RequestError(
                    406, f"Accept one of: {', '.join(Answer)}.", code=Code.NOT_ACCEPTABLE
                )
            if request.method == "POST":
                check_body(request, self.limits)
        return await super().run(request, context, root_value)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> OperationContext | None:
        """Create the context of a request; a websocket's is created at its `connection_init`."""
        if not isinstance(request, Request):
            return None
        request.state.context = context = await self.make_context(request)
        return context

    def should_render_graphql_ide(self, request: object) -> bool:
        """Return False: `run` has already answered browsers with the given page."""
        return False

    def encode_json(self, data: object) -> str:
        """Encode a response; a number that JSON cannot represent is a bug and raises."""
        return ENCODER.encode(data)

    def decode_json(self, data: str | bytes) -> object:
        """Decode JSON from an untrusted client, or raise ValueError."""
        limits = self.limits  # the document is a URL parameter, which is short
        return decode(data, depth=limits.json_depth, values=limits.strangers_json_values)

    def parse_json(self, data: str | bytes) -> Any:
        """Decode a parameter of a URL, or refuse the request."""
        try:
            return self.decode_json(data)
        except ValueError as error:
            raise not_json(error) from None

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        """Read the parameters, and choose the kind of response by the operation."""
        http = cast("Request", request._request)  # type: ignore[attr-defined] # Starlette's
        values = self.limits.values_for(http.state.context)
        if http.method == "GET":
            data: object = self.parse_query_params(request.query_params)
        elif media_type(http.scope) == UPLOAD:
            data = await multipart.read_operations(http, self.limits, values=values)
        else:
            data = await read_json(http, self.limits, values=values)
        parameters = read_parameters(
            data, self.limits, self.schema.persisted, http.state.context.caller
        )
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
                context.foresee(self.limits.refusal_cost)  # callers who cannot pay do not wait
                async with documents.turn(context.is_known):
                    context.foresee(self.limits.refusal_cost)
                    document = await documents.parsed_aside(text)
        except GraphQLError:
            return None
        return document.kind(parameters.operation_name)

    def _choose(self, request: Request, possible: list[Answer]) -> Answer:
        """Choose the response type that the client prefers among the possible ones."""
        answers: list[Answer] = request.state.answers
        for answer in answers:
            if answer in possible:
                request.state.answer = answer
                return answer
        raise RequestError(
            406,
            f"For this operation, accept one of: {', '.join(possible)}.",
            code=Code.NOT_ACCEPTABLE,
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
        """Execute, and set the media type and status of the response."""
        result = await super().execute_operation(
            request, request_adapter, request_data, context, root_value, sub_response
        )
        request.state.source = result
        sub_response.media_type = answer = request.state.answer
        if isinstance(result, ExecutionResult):
            describe(result, answer, sub_response)
        return result

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """Format a result; one refused before execution has no `data`."""
        response = await super().process_result(request, result)
        if is_refused(result):
            del response["data"]
        if request.state.answer in PROTOCOLS:
            return response
        return cast("GraphQLHTTPResponse", await encoded(response))

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        """Return the response with the media type and status set by `execute_operation`."""
        data: object = response_data
        response = Response(
            data.text if isinstance(data, Encoded) else self.encode_json(data),
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
        """Return a streaming response."""
        text = cast("AsyncGenerator[str, None]", stream())
        context: OperationContext = request.state.context
        transport = self._stream_transport_map[PROTOCOLS[request.state.answer]]
        return ClosingResponse(
            text, request.state.source, headers, context, stopping_of(request.scope), transport
        )
