"""Bodies that no well-behaved client sends, each with its exact answer."""

import json
import socket
from contextlib import suppress
from http.client import HTTPResponse

import pytest

from tests.server.transport.conftest import RESPONSE, Serve, Server
from tests.server.transport.refusals import refusal

NOT_JSON = "The request is not valid JSON: "


BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", NOT_JSON + "Expecting value: line 1 column 1 (char 0)."),
    "no JSON": (
        b"{nope",
        NOT_JSON + "Expecting property name enclosed in double quotes: line 1 column 2 (char 1).",
    ),
    "two values": (b"{} {}", NOT_JSON + "Extra data: line 1 column 4 (char 3)."),
    "not UTF-8": (
        b'{"query": "\xff"}',
        NOT_JSON + "'utf-8' codec can't decode byte 0xff in position 11: invalid start byte.",
    ),
    "UTF-16": (
        '{"query": "{ hello }"}'.encode("utf-16"),
        NOT_JSON + "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte.",
    ),
    "a byte order mark": (
        b"\xef\xbb\xbf{}",
        NOT_JSON + "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0).",
    ),
    "nested 100,000 deep": (
        b"[" * 100_000,
        NOT_JSON + "it has more than 20000 commas, brackets and braces.",
    ),
    "nested 100 deep": (
        b'{"a":' * 100 + b"1" + b"}" * 100,
        NOT_JSON + "it nests deeper than 64 levels.",
    ),
    "NaN": (b'{"query": "{ hello }", "variables": {"n": NaN}}', NOT_JSON + "NaN is not JSON."),
    "minus infinity": (b'{"variables": -Infinity}', NOT_JSON + "-Infinity is not JSON."),
    "a number beyond all floats": (
        b'{"query": "{ hello }", "variables": {"n": 1e999}}',
        NOT_JSON + "the number 1e999 is too large.",
    ),
    "half a surrogate pair": (
        b'{"query": "{ hello }", "variables": {"n": "\\ud800"}}',
        NOT_JSON + "a string contains half of a surrogate pair.",
    ),
    "a number of 5,000 digits": (
        b'{"query": "{ hello }", "variables": {"n": ' + b"1" * 5000 + b"}}",
        NOT_JSON + "a number has too many digits.",
    ),
    "null": (b"null", "A request must be an object with the field `query`."),
    "a string": (b'"{ hello }"', "A request must be an object with the field `query`."),
    "a number": (b"5", "A request must be an object with the field `query`."),
    "an array": (
        b"[]",
        "A body that is an array asks for several operations; send them one by one.",
    ),
    "an empty object": (b"{}", "The request has no `query`."),
    "a null query": (b'{"query": null}', "The request has no `query`."),
    "a query that is a number": (b'{"query": 5}', "`query` must be a string."),
    "a query that is a list": (b'{"query": ["{ hello }"]}', "`query` must be a string."),
    "an empty query": (b'{"query": ""}', "The request has no `query`."),
    "variables that are a list": (
        b'{"query": "{ hello }", "variables": [1]}',
        "`variables` must be an object.",
    ),
    "variables that are false": (
        b'{"query": "{ hello }", "variables": false}',
        "`variables` must be an object.",
    ),
    "variables that are a string": (
        b'{"query": "{ hello }", "variables": "{}"}',
        "`variables` must be an object.",
    ),
    "extensions that are a list": (
        b'{"query": "{ hello }", "extensions": []}',
        "`extensions` must be an object.",
    ),
    "a name that is a number": (
        b'{"query": "{ hello }", "operationName": 1}',
        "`operationName` must be a string.",
    ),
    "a name that is an object": (
        b'{"query": "{ hello }", "operationName": {}}',
        "`operationName` must be a string.",
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_rude_body_is_refused_with_an_exact_message(server: Server, name: str) -> None:
    body, message = BODIES[name]

    response = server.http.post(
        "/", content=body, headers={"Content-Type": "application/json", "Accept": RESPONSE}
    )

    assert (response.status_code, response.json()) == (400, refusal(message))


@pytest.mark.parametrize("name", ["variables", "extensions"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "{nope",
            NOT_JSON
            + "Expecting property name enclosed in double quotes: line 1 column 2 (char 1).",
        ),
        ("[1]", "`{}` must be an object."),
        ("[" * 1_900, NOT_JSON + "it nests deeper than 64 levels."),
        ("NaN", NOT_JSON + "NaN is not JSON."),
    ],
)
def test_a_rude_parameter_of_a_get_is_refused_with_an_exact_message(
    server: Server, name: str, value: str, message: str
) -> None:
    response = server.http.get("/", params={"query": "{ hello }", name: value})

    assert (response.status_code, response.json()) == (400, refusal(message.format(name)))


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/graphql",
        "x",
        ";;;",
        "text/application/json",
    ],
)
def test_other_content_types_are_refused(server: Server, content_type: str) -> None:
    response = server.http.post(
        "/", content=b'{"query": "mutation { change }"}', headers={"Content-Type": content_type}
    )

    named = content_type.partition(";")[0] or "untyped"
    assert response.status_code == 415
    assert response.headers["accept-post"] == "application/json, multipart/form-data"
    assert response.json() == refusal(
        f"A body must be application/json or multipart/form-data, not {named}.",
        "UNSUPPORTED_MEDIA_TYPE",
    )
    assert server.world.changes == 0


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"Content-Type": "application/json; charset=latin-1"}, "A body must be encoded as UTF-8."),
        ({"Content-Encoding": "gzip"}, "A body must not be compressed."),
    ],
)
def test_other_encodings_are_refused(server: Server, headers: dict[str, str], message: str) -> None:
    response = server.post({"query": "{ hello }"}, **headers)

    assert (response.status_code, response.json()) == (
        415,
        refusal(message, "UNSUPPORTED_MEDIA_TYPE"),
    )


def test_a_charset_of_utf_8_is_accepted(server: Server) -> None:
    headers = {"Content-Type": 'application/json; charset="UTF-8"'}

    response = server.post({"query": "{ hello }"}, **headers)

    assert response.json() == {"data": {"hello": "Hello, world!"}}


def test_a_body_with_too_large_a_content_length_is_refused(serve: Serve) -> None:
    server = serve(body_bytes=1_000)

    response = server.post({"query": "{ hello }" + " " * 1_000})

    assert response.status_code == 413
    assert response.json() == refusal(
        "The body has 1021 bytes or more; at most 1000 are allowed.",
        "LIMIT_EXCEEDED",
        limit="body_bytes",
        most=1_000,
        found=1_021,
    )


def test_a_body_without_a_content_length_is_refused_as_it_arrives(serve: Serve) -> None:
    server = serve(body_bytes=1_000)
    host, port = server.url.split(":")
    chunk = b"400\r\n" + b" " * 1024 + b"\r\n"
    head = (
        f"POST / HTTP/1.1\r\nHost: {server.url}\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )

    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(head.encode() + chunk)  # and it has no end
        with HTTPResponse(client, method="POST") as answer:
            answer.begin()
            status, body = answer.status, answer.read()

    assert status == 413
    assert json.loads(body) == refusal(
        "The body has 1024 bytes or more; at most 1000 are allowed.",
        "LIMIT_EXCEEDED",
        limit="body_bytes",
        most=1_000,
        found=1_024,
    )


def test_a_body_that_stops_arriving_is_refused(serve: Serve) -> None:
    server = serve(body_idle_s=0.1)
    host, port = server.url.split(":")
    head = f"POST / HTTP/1.1\r\nHost: {server.url}\r\nContent-Type: application/json\r\n"

    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        with HTTPResponse(client, method="POST") as answer:
            answer.begin()
            status, body = answer.status, answer.read()

    assert status == 408
    assert json.loads(body) == refusal("No more of the body came for 0.1 seconds.")


def test_a_body_that_arrives_too_slowly_is_refused_although_it_never_pauses(serve: Serve) -> None:
    server = serve(body_idle_s=0.5, body_bytes_per_s=1_000)
    host, port = server.url.split(":")
    head = f"POST / HTTP/1.1\r\nHost: {server.url}\r\nContent-Type: application/json\r\n"

    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(f"{head}Content-Length: 10000\r\n\r\n".encode())
        client.settimeout(0.05)
        heard = b""
        while not heard:
            client.sendall(b" ")
            with suppress(TimeoutError):
                heard = client.recv(1 << 16)

    status, _, rest = heard.partition(b"\r\n")
    assert status == b"HTTP/1.1 408 Request Timeout"
    assert json.loads(rest.partition(b"\r\n\r\n")[2]) == refusal(
        "The body came too slowly; send at least 1000 bytes a second."
    )


def test_unicode_of_every_kind_is_returned_unchanged(server: Server) -> None:
    name = "Ünïcødé \u202e \u0000 \U0001f9ea e\u0301 日本語"

    answer = server.ask("query ($n: String!) { hello(name: $n) }", {"n": name})

    assert answer == {"data": {"hello": f"Hello, {name}!"}}
