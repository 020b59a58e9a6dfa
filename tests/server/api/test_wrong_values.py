"""Wrong values of every argument and input field are refused with a code."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.asyncio.client import connect

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from pigeonhole.tables import Function
from server.api.types.shared import ErrorCode
from tests.client import Client
from tests.pigeonhole.running import WITHIN_S, bounded
from tests.server.api.wrong_values import ALL, requests
from tests.server.auth.test_revocation import serving

CODES = set(ErrorCode.__members__) - {"INTERNAL"}
PYTHON = ("Maybe[", "Some(", "strawberry", "Traceback", "<class", "NoneType", "Error:", "isoformat")
"""Parts of messages that are not meant for clients."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No rate limits, since their refusals would hide those that the tests look for."""
    return settings.model_copy(update={"rate_points": 0})


def errors_of(answer: Any) -> Iterator[tuple[str, str]]:
    """Yield code and message of every error, including those in the data."""
    if isinstance(answer, list):
        for one in answer:
            yield from errors_of(one)
    elif isinstance(answer, dict):
        for error in answer.get("errors") or ():
            yield (error.get("extensions") or error).get("code", "none"), error["message"]
        yield from errors_of(list((answer.get("data") or {}).values()))


def check(answer: Any, about: tuple[Any, ...], *, needed: bool) -> None:
    """Check that errors have a documented code and use the words of the schema."""
    told = list(errors_of(answer))
    assert told or not needed, about
    for code, message in told:
        assert code in CODES, (code, message, *about)
        assert not any(word in message for word in PYTHON), about


@pytest.mark.parametrize("kind", ["embedded"])
@pytest.mark.parametrize("type", sorted({place.type for place in ALL.values()} - {"Subscription"}))
async def test_each_wrong_value_is_refused_with_a_code_and_in_the_words_of_the_schema(
    client: Client, type: str
) -> None:
    for place in (place for place in ALL.values() if place.type == type):
        for value, document, variables in requests(place):
            answer = await client.answer(document, **variables)

            about = (str(place), value, document, variables, answer)
            check(answer, about, needed=value is not None)


UPDATE = """mutation ($input: UpdateFunctionInput!) { updateFunction(input: $input) {
  function { visibility } errors { code message } } }"""
MUST_NOT = "must not be null. Leave it out to keep what is set."


async def test_null_in_an_update_is_refused_by_the_name_of_the_field_and_changes_nothing(
    client: Client,
) -> None:
    id = (await client.create_function(visibility="PUBLIC", description="Soups"))["id"]
    fields = ["name", "visibility", "autoTrain", "learnsFromUnlabelled", "maxErrorRate", "capture"]
    within = """mutation ($id: ID!, $value: Boolean) { updateFunction(
      input: {id: $id, capture: {enabled: $value}}) { errors { code } } }"""
    by_default = within.replace("$value: Boolean", "$value: Boolean = null")

    for field in fields:
        answer = await client.answer(UPDATE, input={"id": id, field: None})
        assert answer["errors"] == [
            {
                "message": f'Variable "$input" has invalid value at .{field}: '
                f'"UpdateFunctionInput.{field}" {MUST_NOT}',
                "extensions": {"code": "BAD_USER_INPUT"},
            }
        ]
    literal = await client.answer(
        """mutation ($id: ID!) { updateFunction(input: {id: $id, capture: {enabled: null}}) {
             errors { code } } }""",
        id=id,
    )
    given = await client.answer(within, id=id, value=None)
    unset = await client.answer(by_default, id=id)
    left_out = await client.ask(within, id=id)
    removed = await client.ask(UPDATE, input={"id": id, "description": None})

    refusal = f'Variable "$value" has invalid value: "CaptureSettingsInput.enabled" {MUST_NOT}'
    assert [list(errors_of(one)) for one in (literal, given, unset)] == [
        [("GRAPHQL_VALIDATION_FAILED", f'Field "CaptureSettingsInput.enabled" {MUST_NOT}')],
        [("BAD_USER_INPUT", refusal)],
        [("BAD_USER_INPUT", refusal)],
    ]
    assert left_out["updateFunction"]["errors"] == []
    assert removed["updateFunction"]["function"] == {"visibility": "PUBLIC"}
    row = await Function.get()
    assert (row.name, row.visibility.name) == ("Recipes", "PUBLIC")
    assert row.description is None
    assert (row.auto_train, row.capture_enabled, row.max_error_rate) == (True, False, 0.05)


MULTIPART = 'multipart/mixed; subscriptionSpec="1.0"'


@pytest.mark.parametrize("kind", ["embedded"])
@pytest.mark.parametrize("accept", ["text/event-stream", MULTIPART])
async def test_streams_give_the_same_errors_for_each_wrong_value(
    client: Client, accept: str
) -> None:
    for place in ALL.values():
        is_stream = place.type == "Subscription"
        if accept == MULTIPART and not is_stream:
            continue
        for value, document, variables in requests(place, short=not is_stream):
            response = await client.http.post(
                "/graphql",
                headers={**client.headers, "Accept": accept},
                json={"query": document, "variables": variables},
            )

            lines = [line for line in response.text.splitlines() if '"errors"' in line]
            answers = [json.loads(line.removeprefix("data: ")) for line in lines]
            told = [one.get("payload", one) for one in answers]
            needed = is_stream or value is not None
            check(told, (str(place), value, document, response.text), needed=needed)


@pytest.mark.parametrize("kind", ["embedded"])
async def test_websockets_give_the_same_errors_for_each_wrong_value(services: Services) -> None:
    _, secret = await keys.create(name="live", scopes={ApiKeyScope.ADMIN})
    async with (
        serving(services) as address,
        connect(
            f"ws://{address}/graphql",
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
            additional_headers={"Authorization": f"Bearer {secret}"},
        ) as socket,
    ):
        await socket.send('{"type": "connection_init"}')
        assert json.loads(await bounded(socket.recv()))["type"] == "connection_ack"
        for place in ALL.values():
            for value, document, variables in requests(place, short=place.type != "Subscription"):
                payload = {"query": document, "variables": variables}
                message = {"type": "subscribe", "id": "one", "payload": payload}
                await socket.send(json.dumps(message))
                told: list[Any] = []
                async with asyncio.timeout(WITHIN_S):
                    while not told or told[-1]["type"] not in ("error", "complete"):
                        received = json.loads(await socket.recv())
                        if received["type"] != "ping":
                            told.append(received)

                about = (str(place), value, document, variables, told)
                last = told[0]["payload"]
                answer = {"errors": last} if told[0]["type"] == "error" else last
                check(answer, about, needed=value is not None)
