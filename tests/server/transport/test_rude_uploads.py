"""Multipart requests that no well-behaved client sends, each with its exact answer."""

import pytest

from tests.server.transport.conftest import Server
from tests.server.transport.forms import (
    FILE,
    FINE,
    MANY,
    ONE,
    PLACE,
    PREFLIGHT,
    Parts,
    parts,
    send,
    text,
)
from tests.server.transport.refusals import refusal

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
def test_a_rude_upload_is_refused_with_an_exact_message(server: Server, name: str) -> None:
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
