"""Requests that are retried, and errors for refusals."""

from collections.abc import Callable

import httpx
import pytest
from pigeonhole_client import retries
from pigeonhole_client.api.input_types import ChangeEncoderInput, CreateFunctionInput
from pigeonhole_client.errors import (
    ApiError,
    ForbiddenError,
    NotTrainedError,
    TryAgainError,
    UnexpectedAnswerError,
    UnreachableError,
    error_of,
)
from pigeonhole_client.transport import Transport

Answer = Callable[[httpx.Request], httpx.Response]
VIEWER = {"data": {"viewer": {"scopes": ["READ"], "apiKey": None}}}


def refusal(code: str, **extensions: str) -> dict[str, object]:
    error = {"message": "No.", "path": ["a", 0], "extensions": {"code": code, **extensions}}
    return {"data": None, "errors": [error]}


def failing(error: type[httpx.TransportError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error("gone", request=request)

    return answer


def saying(status: int, body: object, **headers: str) -> Answer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, json=body, headers=names)


class Server:
    """Gives prepared responses in turn, and counts the requests."""

    def __init__(self, *answers: Answer, tries: int = 3) -> None:
        self.left, self.requests = list(answers), 0
        self.api = Transport("http://server", "ph_key", tries=tries)
        self.api.http_client = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        self.api.http = self.api.http_client

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        return self.left.pop(0)(request)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, which tests skip."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("pigeonhole_client.transport.asyncio.sleep", sleep)
    return waited


@pytest.mark.parametrize(
    ("first", "least_s"),
    [
        (saying(429, refusal("RATE_LIMITED"), Retry_After="7"), 7),
        (saying(503, {}, Retry_After="9"), 9),
        (saying(200, refusal("RATE_LIMITED", retryAfter="11")), 11),
        (saying(502, {}), 0),
        (failing(httpx.ReadError), 0),
        (failing(httpx.ConnectError), 0),
    ],
)
async def test_a_query_is_retried_after_the_pause_that_the_server_asks_for(
    waits: list[float], first: Answer, least_s: float
) -> None:
    server = Server(first, saying(200, VIEWER))

    said = await server.api.get_viewer()

    assert [scope.value for scope in said.scopes] == ["READ"]
    assert server.requests == 2
    [waited] = waits
    assert least_s <= waited <= max(least_s, retries.LONGEST_S)


async def test_a_request_that_must_not_run_twice_is_retried_only_if_it_was_not_received(
    waits: list[float],
) -> None:
    refused = saying(200, {"data": {"createFunction": {"function": None, "errors": []}}})
    lost = Server(failing(httpx.ReadError), refused)
    never_sent = Server(failing(httpx.ConnectError), refused)

    with pytest.raises(UnreachableError, match="http://server cannot be reached: gone"):
        await lost.api.create_function(CreateFunctionInput(name="a"))
    await never_sent.api.create_function(CreateFunctionInput(name="a"))

    assert (lost.requests, never_sent.requests) == (1, 2)


async def test_a_change_of_encoder_is_not_begun_twice(waits: list[float]) -> None:
    lost = Server(failing(httpx.ReadError))

    with pytest.raises(UnreachableError):
        await lost.api.change_encoder(ChangeEncoderInput(functionId="fn_1", encoder="bundled"))

    assert (lost.requests, waits) == (1, [])


async def test_the_client_gives_up_on_a_server_that_stays_away(waits: list[float]) -> None:
    server = Server(*[failing(httpx.ConnectError)] * 3)

    with pytest.raises(UnreachableError):
        await server.api.get_viewer()

    assert server.requests == 3
    assert len(waits) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (saying(401, refusal("FORBIDDEN")), ForbiddenError),
        (saying(200, refusal("NOT_TRAINED")), NotTrainedError),
        (saying(200, refusal("SOMETHING_NEW")), ApiError),
        (saying(200, {"pages": 3}), UnexpectedAnswerError),
        (lambda _: httpx.Response(200, text="<html>"), UnexpectedAnswerError),
    ],
)
async def test_a_refusal_raises_the_error_of_its_code(
    waits: list[float], answer: Answer, error: type[Exception]
) -> None:
    server = Server(answer)

    with pytest.raises(error) as caught:
        await server.api.get_viewer()

    assert type(caught.value) is error
    assert server.requests == 1
    if isinstance(caught.value, ApiError):
        assert (caught.value.message, caught.value.path) == ("No.", ("a", "0"))


async def test_after_the_last_try_the_error_has_the_pause_that_the_server_asks_for(
    waits: list[float],
) -> None:
    server = Server(*[saying(429, refusal("RATE_LIMITED"), Retry_After="7")] * 3)

    with pytest.raises(TryAgainError) as caught:
        await server.api.get_viewer()

    assert caught.value.retry_after_s == 7
    assert waits[0] >= 7


async def test_a_refused_download_has_the_reason(waits: list[float]) -> None:
    server = Server(saying(409, {"detail": "Not trained.", "code": "NOT_TRAINED"}))

    with pytest.raises(NotTrainedError, match="Not trained"):
        [chunk async for chunk in server.api.download("/v1/functions/fn_1/model")]


def test_every_code_of_the_api_has_a_class() -> None:
    from pigeonhole_client.api.enums import ErrorCode

    assert {code for code in ErrorCode if type(error_of(code.value, "")) is ApiError} == set()
