"""Uploads by the GraphQL multipart request specification."""

import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message

from pigeonhole.services import breaks
from server.transport.multipart import SLICE_BYTES, read_form
from tests.server.transport.conftest import Serve, Server
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


def test_a_query_may_be_sent_as_a_form(server: Server) -> None:
    operations = {"query": "{ hello }"}

    response = send(server, parts(operations, {}))

    assert response.json() == {"data": {"hello": "Hello, world!"}}


def test_a_file_for_a_query_that_takes_none_is_refused_with_a_code(server: Server) -> None:
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
def test_a_header_that_a_form_cannot_send_admits_a_multipart_request(
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


def test_an_upload_has_its_own_limit_beside_that_of_json(
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
def test_large_files_of_an_upload_are_stored_in_the_folder_of_the_server(
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


def test_an_upload_without_a_content_length_is_refused_as_it_arrives(serve: Serve) -> None:
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


async def test_others_run_while_many_small_files_that_came_together_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(breaks, "HELD_S", -1)
    files = {f"file{n}": bytes([n]) * 400 for n in range(20)}
    head = '--x\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n'
    body = b"".join((head % (name, name)).encode() + files[name] + b"\r\n" for name in files)
    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(b"content-type", b"multipart/form-data; boundary=x")],
    }
    turns = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": body + b"--x--\r\n", "more_body": False}

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    form = await read_form(
        Request(scope, receive), max_files=20, max_fields=0, max_part_size=len(body)
    )
    counting.cancel()

    found = {name: await file.read() for name, file in form.items() if isinstance(file, UploadFile)}
    await form.close()
    assert found == files
    assert turns == -(-len(body + b"--x--\r\n") // SLICE_BYTES)
