"""Helpers for responses that refuse a request."""

from typing import Any

from tests.server.transport.conftest import Json


def refusal(message: str, code: str = "BAD_REQUEST", **extensions: object) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code, **extensions}}]}


def limited(answer: Json) -> list[tuple[str, int, int | None, str]]:
    """Return the limits that a response reports as exceeded."""
    assert list(answer) == ["errors"]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"LIMIT_EXCEEDED"}
    return [
        (
            error["extensions"]["limit"],
            error["extensions"]["most"],
            error["extensions"]["found"],
            error["message"],
        )
        for error in answer["errors"]
    ]
