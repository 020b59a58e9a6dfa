"""The number of database queries for a page of samples."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from tortoise import log

from pigeonhole.services.services import Services
from pigeonhole.tables import Function
from server import ids
from server.transport import completion
from tests import build, make
from tests.client import Client
from tests.conftest import RunJobs


@pytest.fixture
async def function(services: Services) -> Function:
    return await build.function(services)


FULL = """query ($id: ID!, $first: Int) { function(id: $id) { samples(first: $first) {
  totalCount nodes { id disputed mistakeScore image { url }
    function { name } nearDuplicates { id }
    annotation { label { name sampleCount metrics { support } } }
    crossValidated { confidence label { name } ranking { label { name } } model { version }
      evidence(first: 1) { similarity } more: evidence { similarity } } }
  } } }"""


async def test_a_page_of_a_hundred_samples_takes_as_many_queries_as_one_of_two(
    client: Client,
    services: Services,
    function: Function,
    run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(completion, "HELD_S", -1)  # a break after each entry splits no batch
    await build.add(
        services,
        function,
        [make.picture(seed, side=16) for seed in range(100)],
        [build.TWO[seed % 2] for seed in range(100)],
    )
    await run_jobs()
    id = ids.encode(ids.Kind.FUNCTION, function.id)
    await client.ask(FULL, id=id, first=100)  # fills the caches of the process

    with counted() as few:
        await client.ask(FULL, id=id, first=2)
    with counted() as many:
        found = await client.ask(FULL, id=id, first=100)

    nodes = found["function"]["samples"]["nodes"]
    assert len(nodes) == 100
    assert all(node["crossValidated"] and node["annotation"] for node in nodes)
    assert len(few) == len(many) <= 17, "\n".join(many)


@contextmanager
def counted() -> Iterator[Sequence[str]]:
    """Record the statements run within the block, except those about the caller."""

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if '"api_key"' not in record.getMessage():  # those depend on the clock
                statements.append(record.getMessage())

    statements: list[str] = []
    handler, logger = Kept(), log.db_client_logger
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield statements
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
