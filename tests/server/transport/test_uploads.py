"""Files by the GraphQL multipart request specification, polite and rude."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.transport.conftest import Serve, Server
from tests.server.transport.test_rude_bodies import refusal

ONE = "mutation ($file: Upload!) { upload(file: $file) }"
MANY = "mutation ($files: [Upload!]!) { uploadMany(files: $files) }"
PREFLIGHT = {"Apollo-Require-Preflight": "1"}
FILE = ("a.txt", b"Ahoy", "text/plain")

Parts = list[tuple[str, Any]]


def text(value: object) -> tuple[None, str]:
    return (None, value if isinstance(value, str) else json.dumps(value))


def parts(operations: object, places: object, **files: tuple[str, bytes, str]) -> Parts:
    return [("operations", text(operations)), ("map", text(places)), *files.items()]


def send(server: Server, parts: Parts, **headers: str) -> httpx.Response:
    return server.http.post("/", files=parts, headers=headers or PREFLIGHT)


def test_a_file_reaches_its_variable(server: Server) -> None:
    operations = {"query": ONE, "variables": {"file": None}}

    response = send(server, parts(operations, {"x": ["variables.file"]}, x=FILE))

    assert response.json() == {"data": {"upload": "a.txt: Ahoy"}}


def test_files_reach_their_places_in_a_list(server: Server) -> None:
    operations = {"query": MANY, "variables": {"files": [None, None, None]}}
    places = {"0": ["variables.files.0", "variables.files.2"], "1": ["variables.files.1"]}
    files = {"0": ("a.txt", b"", "text/plain"), "1": ("Ünïcødé.txt", b"B", "text/plain")}

    response = send(server, parts(operations, places, **files))

    assert response.json() == {"data": {"uploadMany": ["a.txt: ", "Ünïcødé.txt: B", "a.txt: "]}}


def test_a_query_may_be_sent_as_a_form_too(server: Server) -> None:
    operations = {"query": "{ hello }"}

    response = send(server, parts(operations, {}))

    assert response.json() == {"data": {"hello": "Hello, world!"}}


def test_a_file_where_a_query_takes_none_is_refused_with_a_code(server: Server) -> None:
    query = "query ($name: String!) { hello(name: $name) }"
    operations = {"query": query, "variables": {"name": None}}

    response = send(server, parts(operations, {"x": ["variables.name"]}, x=FILE))

    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_files_reach_the_operations_of_a_batch(serve: Serve) -> None:
    operations = [{"query": ONE, "variables": {"file": None}}, {"query": "{ hello }"}]

    response = send(
        serve(batch_operations=2), parts(operations, {"x": ["0.variables.file"]}, x=FILE)
    )

    assert response.json() == [
        {"data": {"upload": "a.txt: Ahoy"}},
        {"data": {"hello": "Hello, world!"}},
    ]


@pytest.mark.parametrize(
    "name", ["Apollo-Require-Preflight", "X-Apollo-Operation-Name", "Authorization"]
)
def test_a_header_that_a_form_cannot_send_lets_a_multipart_request_in(
    server: Server, name: str
) -> None:
    response = send(server, parts({"query": "mutation { change }"}, {}), **{name: "any"})

    assert response.json() == {"data": {"change": 1}}


@pytest.mark.parametrize("headers", [{"Accept": "*/*"}, {"Apollo-Require-Preflight": ""}])
def test_a_form_of_another_site_changes_nothing(server: Server, headers: dict[str, str]) -> None:
    response = send(server, parts({"query": "mutation { change }"}, {}), **headers)

    assert (response.status_code, response.json()) == (
        403,
        refusal(
            "A multipart request needs a header that a form cannot send: add "
            "`Apollo-Require-Preflight: 1`, or `Authorization`.",
            "CSRF_PREVENTED",
        ),
    )
    assert server.world.changes == 0


FINE = {"query": ONE, "variables": {"file": None}}
PLACE = {"x": ["variables.file"]}
LOST = 'The path "{}" of `map` is not in `operations`.'
ASTRAY = 'The path "{}" of `map` does not lead into the variables.'
RUDE: dict[str, tuple[Parts, str]] = {
    "no operations": ([("map", text({}))], "The multipart body has no field `operations`."),
    "no map": ([("operations", text(FINE))], "The multipart body has no field `map`."),
    "operations as a file": (
        [("operations", FILE), ("map", text({}))],
        "The field `operations` must be text, not a file.",
    ),
    "a map as a file": (
        [("operations", text(FINE)), ("map", FILE)],
        "The field `map` must be text, not a file.",
    ),
    "operations that are no JSON": (
        parts("{", PLACE, x=FILE),
        "The field `operations` is not valid JSON: Expecting property name enclosed in double "
        "quotes: line 1 column 2 (char 1).",
    ),
    "a map that is no JSON": (
        parts(FINE, "", x=FILE),
        "The field `map` is not valid JSON: Expecting value: line 1 column 1 (char 0).",
    ),
    "operations nested 100,000 deep": (
        parts("[" * 100_000, PLACE, x=FILE),
        "The field `operations` is not valid JSON: it has more than 20000 commas, brackets and "
        "braces.",
    ),
    "a map nested 100,000 deep": (
        parts(FINE, "[" * 100_000, x=FILE),
        "The field `map` is not valid JSON: it has more than 20000 commas, brackets and braces.",
    ),
    "operations that are a string": (
        parts('"x"', PLACE, x=FILE),
        "`operations` must be an object.",
    ),
    "operations that are null": (parts("null", PLACE, x=FILE), "`operations` must be an object."),
    "operations that are an array": (
        parts([FINE], {"x": ["0.variables.file"]}, x=FILE),
        "A body that is an array asks for several operations; send them one by one.",
    ),
    "a map that is a list": (parts(FINE, [], x=FILE), "`map` must be an object."),
    "a map that is null": (parts(FINE, "null", x=FILE), "`map` must be an object."),
    "a file that is not there": (
        parts(FINE, PLACE),
        '`map` names the file "x", which the body does not have.',
    ),
    "a file that is text": (
        [*parts(FINE, PLACE), ("x", text("Ahoy"))],
        '`map` names the file "x", which the body does not have.',
    ),
    "paths that are a string": (
        parts(FINE, {"x": "variables.file"}, x=FILE),
        '`map` must give a list of paths for the file "x".',
    ),
    "paths that are null": (
        parts(FINE, {"x": None}, x=FILE),
        '`map` must give a list of paths for the file "x".',
    ),
    "a path that is a number": (
        parts(FINE, {"x": [1]}, x=FILE),
        '`map` must give a list of paths for the file "x".',
    ),
    "a path that is empty": (parts(FINE, {"x": [""]}, x=FILE), ASTRAY.format("")),
    "a path of dots": (parts(FINE, {"x": ["..."]}, x=FILE), ASTRAY.format("...")),
    "a path to the query": (parts(FINE, {"x": ["query"]}, x=FILE), ASTRAY.format("query")),
    "a path to a class": (
        parts(FINE, {"x": ["variables.__class__"]}, x=FILE),
        LOST.format("variables.__class__"),
    ),
    "a path to the variables": (
        parts({"query": ONE, "variables": None}, {"x": ["variables"]}, x=FILE),
        "`variables` must be an object.",
    ),
    "a path through null": (
        parts({"query": ONE, "variables": None}, PLACE, x=FILE),
        LOST.format("variables.file"),
    ),
    "a path to no variable": (
        parts(FINE, {"x": ["variables.nope"]}, x=FILE),
        LOST.format("variables.nope"),
    ),
    "a path through a string": (
        parts({"query": ONE, "variables": {"file": "abc"}}, {"x": ["variables.file.0"]}, x=FILE),
        LOST.format("variables.file.0"),
    ),
    "a path to what is not null": (
        parts({"query": ONE, "variables": {"file": "abc"}}, PLACE, x=FILE),
        'The path "variables.file" of `map` does not lead to null in `operations`.',
    ),
    "a path taken twice": (
        parts(FINE, {"x": ["variables.file", "variables.file"]}, x=FILE),
        'The path "variables.file" of `map` does not lead to null in `operations`.',
    ),
}
INDEXES: dict[str, tuple[Parts, str]] = {
    f"the index {index}": (
        parts(
            {"query": MANY, "variables": {"files": [None]}},
            {"x": [f"variables.files.{index}"]},
            x=FILE,
        ),
        LOST.format(f"variables.files.{index}"),
    )
    for index in ("1", "-1", "+0", "", "0x0", "\u0660", "9" * 20, "length")
}


RUDE |= INDEXES


@pytest.mark.parametrize("name", RUDE)
def test_a_rude_upload_is_refused_in_so_many_words(server: Server, name: str) -> None:
    body, message = RUDE[name]

    response = send(server, body)

    assert (response.status_code, response.json()) == (400, refusal(message))


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"nonsense"),
        ("multipart/form-data; boundary=x", b"--y\r\n\r\n"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--",
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{',
        ),
        ("multipart/form-data; boundary=" + "x" * 9_000, b"--x"),
        (
            "multipart/form-data; boundary=x; charset=nope",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n{\r\n--x--',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n\xff\r\n--x--',
        ),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 5_000 + b"\r\n1\r\n--x--"),
    ],
)
def test_a_malformed_multipart_body_is_refused(
    server: Server, content_type: str, body: bytes
) -> None:
    headers = {"Content-Type": content_type, **PREFLIGHT}

    response = server.http.post("/", content=body, headers=headers)

    [error] = response.json()["errors"]
    assert (response.status_code, error["extensions"]) == (400, {"code": "BAD_REQUEST"})
    assert error["message"].startswith("The multipart body ")


def test_too_many_files_are_refused(serve: Serve) -> None:
    operations = {"query": MANY, "variables": {"files": [None] * 3}}
    places = {str(i): [f"variables.files.{i}"] for i in range(3)}

    named = send(serve(upload_files=2), parts(operations, places))
    sent = send(serve(upload_files=2), parts(operations, places, **dict.fromkeys(places, FILE)))

    assert named.json() == refusal(
        "`map` names 3 files; at most 2 are allowed.",
        "LIMIT_EXCEEDED",
        limit="upload_files",
        most=2,
        found=3,
    )
    assert sent.json() == refusal(
        "The form has too many files; the limit is 2.",
        "LIMIT_EXCEEDED",
        limit="upload_files",
        most=2,
        found=3,
    )


def test_too_many_fields_are_refused(serve: Serve) -> None:
    fields: Parts = [(f"field{number}", text("")) for number in range(4)]

    response = send(serve(upload_files=2), fields + parts(FINE, PLACE, x=FILE))

    assert response.json() == refusal(
        "The form has too many fields; the limit is 4.",
        "LIMIT_EXCEEDED",
        limit="form_fields",
        most=4,
        found=5,
    )


def test_an_upload_that_is_too_long_is_refused_though_a_body_of_json_may_be_shorter(
    serve: Serve,
) -> None:
    server = serve(body_bytes=1_000, upload_bytes=2_000_000)
    fits = ("a.txt", b"a" * 1_500_000, "text/plain")
    too_long = ("a.txt", b"a" * 2_500_000, "text/plain")

    taken = send(server, parts(FINE, PLACE, x=fits))
    refused = send(server, parts(FINE, PLACE, x=too_long))

    assert taken.json()["data"]["upload"] == "a.txt: " + "a" * 1_500_000
    assert refused.status_code == 413
    assert refused.json()["errors"][0]["extensions"]["most"] == 2_000_000


@pytest.mark.parametrize(("size", "rolled"), [(1_000_000, 0), (1_500_000, 1)])
def test_what_is_long_of_an_upload_is_kept_in_the_folder_that_the_server_names(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, rolled: int
) -> None:
    made: list[object] = []
    temporary_file = tempfile.TemporaryFile

    def noted(*arguments: Any, **options: Any) -> Any:
        made.append(options["dir"])
        return temporary_file(*arguments, **options)

    monkeypatch.setattr(tempfile, "TemporaryFile", noted)
    server = serve(upload_folder=tmp_path)

    taken = send(server, parts(FINE, PLACE, x=("a.txt", b"a" * size, "text/plain")))

    assert taken.json()["data"]["upload"] == "a.txt: " + "a" * size
    assert made == [str(tmp_path)] * rolled
    assert list(tmp_path.iterdir()) == []


def test_an_upload_that_does_not_say_its_length_is_refused_as_it_arrives(serve: Serve) -> None:
    server = serve(upload_bytes=3_000_000)
    part = b'--x\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n'

    def endless() -> Iterator[bytes]:
        yield part % (b"operations", b"") + json.dumps(FINE).encode() + b"\r\n"
        yield part % (b"map", b"") + json.dumps(PLACE).encode() + b"\r\n"
        yield part % (b"x", b'; filename="a.txt"')
        for _ in range(100):
            yield b"a" * 100_000

    headers = {"Content-Type": "multipart/form-data; boundary=x", **PREFLIGHT}
    response = server.http.post("/", content=endless(), headers=headers)

    assert response.status_code == 413
    assert response.json()["errors"][0]["extensions"]["most"] == 3_000_000
    assert server.ask("{ hello }") == {"data": {"hello": "Hello, world!"}}
