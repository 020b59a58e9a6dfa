"""New documents are checked one after another, and cached if they are valid."""

import asyncio

import pytest

from pigeonhole.errors import RateLimitedError
from server.api.schema import schema
from server.transport.documents import Documents
from server.transport.limits import Limits


@pytest.fixture
def documents() -> Documents:
    return Documents(schema._schema, Limits(looks_waiting=1))


async def test_one_document_is_checked_one_waits_and_more_are_refused(documents: Documents) -> None:
    order: list[str] = []

    async def look(name: str) -> None:
        async with documents.turn(False):
            order.append(name)

    async with documents.turn(False):
        waiting = asyncio.create_task(look("second"))
        await asyncio.sleep(0)
        with pytest.raises(RateLimitedError, match="pass changing values as variables") as refused:
            await look("third")
        order.append("first")
    await waiting

    assert refused.value.extensions == {"code": "RATE_LIMITED", "retryAfter": "1"}
    assert order == ["first", "second"]


async def test_a_caller_with_a_key_does_not_wait_for_callers_without_one(
    documents: Documents,
) -> None:
    async with documents.turn(False), documents.turn(True):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), documents.turn(False):
                pass


async def test_a_cancelled_wait_frees_its_place(documents: Documents) -> None:
    async with documents.turn(False):
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01), documents.turn(False):
                    pass
    async with documents.turn(False):
        pass


@pytest.mark.parametrize(("text", "kept"), [("{ __typename }", True), ("{ nothing }", False)])
async def test_a_document_is_cached_only_once_it_is_found_valid(
    documents: Documents, text: str, kept: bool
) -> None:
    document = documents.parsed(text)
    assert documents.parsed(text) is document
    assert not documents.are_sound(text)

    document.check(None, {})
    documents.settle(text)

    assert documents.are_sound(text) is kept
    assert (documents.parsed(text) is document) is kept
