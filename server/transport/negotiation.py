"""Which media type a client wants, by the order and weights of its Accept header."""

from enum import StrEnum

from strawberry.http.parse_content_type import parse_content_type


class Answer(StrEnum):
    """How an operation can be answered, by the name of its media type."""

    RESPONSE = "application/graphql-response+json"
    JSON = "application/json"
    EVENTS = "text/event-stream"
    MULTIPART = "multipart/mixed"


MOST_TYPES = 50
"""Media types of an `Accept` that are looked at; browsers send eight."""
WILDCARDS = {"*/*": Answer.JSON, "application/*": Answer.JSON, "text/*": Answer.EVENTS}


def accepted(accept: str | None) -> list[Answer]:
    """The answers that a client takes, the one it likes best first.

    Without the header, and for a wildcard, that is `application/json`. Only the first `MOST_TYPES`
    types are looked at.

    Source: https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types
    """
    if not accept or not accept.strip():
        return [Answer.JSON]
    weighted: dict[Answer, float] = {}
    for part in accept.split(",", MOST_TYPES)[:MOST_TYPES]:
        if not part.strip():
            continue
        media_type, parameters = parse_content_type(part.strip())
        answer = _answer(media_type.lower(), parameters)
        if answer is not None and answer not in weighted:
            weighted[answer] = _weight(parameters.get("q", "1"))
    wanted = sorted(weighted, key=lambda answer: -weighted[answer])  # ties keep their order
    return [answer for answer in wanted if weighted[answer] > 0]


def wants_page(accept: str | None) -> bool:
    """Whether a person's browser asks, which puts HTML first."""
    return bool(accept) and "text/html" in (accept or "").lower()


def _answer(media_type: str, parameters: dict[str, str]) -> Answer | None:
    if media_type == Answer.MULTIPART:
        # Without the parameter, this type requests incremental delivery, which is another protocol.
        version = {name.lower(): value for name, value in parameters.items()}
        is_ours = version.get("subscriptionspec", "").strip("'\"").startswith("1.0")
        return Answer.MULTIPART if is_ours else None
    if media_type in WILDCARDS:
        return WILDCARDS[media_type]
    return next((answer for answer in Answer if answer == media_type), None)


def _weight(text: str) -> float:
    try:
        weight = float(text.strip('"'))
    except ValueError:
        return 1.0
    return weight if 0 <= weight <= 1 else 1.0
