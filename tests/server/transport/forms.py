"""Multipart requests with files, as tests send them."""

import json
from typing import Any

import httpx

from tests.server.transport.conftest import Server

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


FINE = {"query": ONE, "variables": {"file": None}}

PLACE = {"x": ["variables.file"]}
