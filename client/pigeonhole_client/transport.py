"""Typed requests to a server, which are sent again if that can help and does no harm."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, NoReturn, cast

import httpx

from pigeonhole_client import subscriptions
from pigeonhole_client.api.client import Api
from pigeonhole_client.errors import (
    PASSING,
    ApiError,
    TryAgainError,
    UnexpectedAnswerError,
    UnreachableError,
    error_of,
)
from pigeonhole_client.retries import LOST, NOT_SENT, REFUSED, Waits, retry_after_s

TIMEOUT_S = 120.0
DOWNLOAD_S = 900.0
"""Seconds that a download may take to begin: a model is converted first."""
EXPECTED_BYTES = "X-Expected-Bytes"
"""Header of about how many bytes an export has."""
ONCE = frozenset(
    {
        "CreateFunction",
        "CreateLabel",
        "CreateApiKey",
        "AcceptPredictions",
        "ChangeEncoder",
        "StopEncoderChange",
        "SwitchEncoder",
        "GoBackToEncoder",
    }
)
"""Operations that would do something else the second time: sent again only if never received."""


class Transport(Api):
    """The generated client over HTTP and websockets, with retries and typed errors.

    Repeating a request changes nothing, except for those in `ONCE`. So other requests without a
    response are sent again, after the wait that the server requests.
    """

    def __init__(self, url: str, key: str | None = None, *, tries: int = 8) -> None:
        """Set the server's URL, such as ``http://127.0.0.1:8000``, and an API key.

        Raises:
            UnreachableError: It is not the URL of a server.
        """
        self.base = url.rstrip("/")
        if not self.base.startswith(("http://", "https://")):
            raise UnreachableError(
                f"{url!r} is not the URL of a server. Use one such as http://127.0.0.1:8000."
            )
        headers = {"Apollo-Require-Preflight": "true"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        self.http = httpx.AsyncClient(headers=headers, timeout=TIMEOUT_S)
        self._key, self._tries = key, tries
        super().__init__(f"{self.base}/graphql", http_client=cast("Any", self.http))

    async def execute(
        self,
        query: str,
        operation_name: str | None = None,
        variables: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> httpx.Response:
        """Send an operation, several times if necessary; return the last response.

        Raises:
            UnreachableError: No attempt got a response.
        """
        waits = Waits(self._tries)
        while True:
            try:
                answer = await super().execute(query, operation_name, variables, **kwargs)
            except httpx.TransportError as error:
                if waits.exhausted or (operation_name in ONCE and not isinstance(error, NOT_SENT)):
                    self._unreachable(error)
                asked_s = 0.0
            else:
                assert isinstance(answer, httpx.Response)  # of the client given to `Api`
                asked_s = _asked_s(answer, repeatable=operation_name not in ONCE)
                if asked_s < 0 or waits.exhausted:
                    return answer
            await asyncio.sleep(waits.next_s(asked_s))

    def get_data(self, response: Any) -> dict[str, Any]:
        """Return the data of a response.

        Raises:
            ApiError: The server refused.
            UnexpectedAnswerError: It is not a response of this API.
        """
        said = _json(response)
        errors = said.get("errors") if isinstance(said, dict) else None
        if errors:
            raise _refusal(errors[0], response)
        if not isinstance(said, dict) or not isinstance(said.get("data"), dict):
            raise self._unexpected(response)
        data: dict[str, Any] = said["data"]
        return data

    async def execute_ws(
        self,
        query: str,
        operation_name: str | None = None,
        variables: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the events of a subscription, which continues after a lost connection.

        Each event is the whole state, so nothing is missed in between.

        Raises:
            ApiError: The server refuses the subscription.
            UnreachableError: It could not be reached in several attempts in a row.
        """
        payload = {
            "query": query,
            "operationName": operation_name,
            "variables": self._convert_dict_to_json_serializable(variables or {}),
        }
        url = self.base.replace("http", "ws", 1) + "/graphql"
        async with aclosing(subscriptions.follow(url, self._key, payload, self._tries)) as events:
            async for data in events:
                yield data

    async def download(
        self, path: str, expect: Callable[[int], object] = lambda size: None
    ) -> AsyncGenerator[bytes, None]:
        """Yield the bytes of a response; ``expect`` is told about how many there will be.

        Raises:
            ApiError: The server refuses.
            UnreachableError: It cannot be reached, or the response is interrupted.
        """
        waits = Waits(self._tries)
        while True:
            try:
                async with self.http.stream("GET", self.base + path, timeout=DOWNLOAD_S) as answer:
                    if answer.status_code == 200:
                        if (size := answer.headers.get(EXPECTED_BYTES, "")).isdecimal():
                            expect(int(size))
                        async for chunk in answer.aiter_bytes(1 << 16):
                            yield chunk
                        return
                    await answer.aread()
            except httpx.TransportError as error:
                self._unreachable(error)
            asked_s = _asked_s(answer, repeatable=True)
            if asked_s < 0 or waits.exhausted:
                raise self._problem(answer)
            await asyncio.sleep(waits.next_s(asked_s))

    def _problem(self, answer: httpx.Response) -> Exception:
        """Return the error for a refusal in the format of RFC 9457."""
        said = _json(answer)
        if not isinstance(said, dict) or "detail" not in said:
            return self._unexpected(answer)
        return error_of(str(said.get("code", "")), str(said["detail"]))

    def _unexpected(self, answer: httpx.Response) -> UnexpectedAnswerError:
        return UnexpectedAnswerError(
            f"{self.base} answered {answer.status_code} {answer.reason_phrase}, but not like "
            "Pigeonhole."
        )

    def _unreachable(self, error: Exception) -> NoReturn:
        reason = str(error) or type(error).__name__
        raise UnreachableError(f"{self.base} cannot be reached: {reason}.") from error


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _refusal(error: Mapping[str, Any], answer: httpx.Response) -> ApiError:
    extensions = error.get("extensions") or {}
    path = [str(part) for part in error.get("path") or ()]
    refusal = error_of(str(extensions.get("code", "")), str(error.get("message", "")), path)
    if isinstance(refusal, TryAgainError):
        asked_s = _seconds(extensions.get("retryAfter")) or retry_after_s(answer)
        refusal.retry_after_s = asked_s or None
    return refusal


def _asked_s(answer: httpx.Response, *, repeatable: bool) -> float:
    """Return the seconds to wait before sending a request again; negative if it is complete."""
    if answer.status_code in REFUSED or (answer.status_code in LOST and repeatable):
        return retry_after_s(answer)
    if answer.status_code != 200 or not answer.headers.get("content-type", "").startswith(
        ("application/json", "application/graphql-response+json")
    ):
        return -1.0
    said = _json(answer)
    for error in (said.get("errors") if isinstance(said, dict) else None) or ():
        extensions = error.get("extensions") or {}
        if extensions.get("code") in PASSING:
            return _seconds(extensions.get("retryAfter"))
    return -1.0


def _seconds(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        return 0.0
