"""No request that the schema or the OpenAPI document allows makes the server fail.

The test generates 1,000 documents, always the same ones. With ``PIGEONHOLE_CASES=20000`` in the
environment it generates that many, and different ones each time.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import httpx
import pytest
import schemathesis
from graphql import parse, print_ast
from graphql.utilities import introspection_from_schema
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.api.schema import schema
from server.web.openapi import DOCUMENT
from tests import make
from tests.client import Client, Json
from tests.product import Product, running
from tests.server.api.documents import Objects, describe_scalars, put_right

CASES = int(os.environ.get("PIGEONHOLE_CASES", "0"))
AS_DRAWN = settings(
    max_examples=CASES or 1_000,
    derandomize=not CASES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
MORE = settings(AS_DRAWN, max_examples=200)
NO_LIMITS = {"PIGEONHOLE_RATE_POINTS": "0", "PIGEONHOLE_RATE_INVOKES": "0"}
SPARE = 30
LABELS = ("cat", "dog", "eel")

READ = """query ($id: ID!) { function(id: $id) {
  samples(first: 100) { nodes { id image { sha256 } annotation { id } } }
  labels(first: 100) { nodes { id } } models { nodes { id } } trainingRuns { nodes { id } } } }"""
TRAIN = """mutation ($id: ID!) { startTraining(input: {functionId: $id}) { errors { code } } }"""
LABEL = """mutation ($id: ID!, $name: String!) {
  createLabel(input: {functionId: $id, name: $name}) { label { id } } }"""
KEY = """mutation ($name: String!) {
  createApiKey(input: {name: $name, scopes: [READ]}) { apiKey { id } } }"""
INVOKE = """mutation ($input: InvokeInput!) { invoke(input: $input) { invocation { id } } }"""


async def prepare(client: Client) -> Objects:
    """Create a trained function, and enough objects of every kind that can be deleted."""
    function = await client.create_function(labels=LABELS)
    id = function["id"]
    pictures = [make.picture(seed) for seed in range(SPARE + 15)]
    added = await client.add_samples(id, pictures[:SPARE])
    await client.add_samples(id, pictures[SPARE:], LABELS * 5)
    async with asyncio.timeout(60):
        read: Json = (await client.ask(READ, id=id))["function"]
        while not read["models"]["nodes"]:
            await asyncio.sleep(0.1)
            read = (await client.ask(READ, id=id))["function"]
    invoked = await client.upload(
        INVOKE,
        [("1.png", make.picture(1_000))],
        ["variables.input.image.upload"],
        {"input": {"functionId": id, "image": {"upload": None}}},
    )
    names = [str(number) for number in range(SPARE)]
    samples = [node["id"] for node in read["samples"]["nodes"]]
    spare = [result["sample"]["id"] for result in added["results"]][: SPARE // 2]
    return {
        "function": [id],
        "label": [label["id"] for label in function["labels"]["nodes"]],
        "sample": [sample for sample in samples if sample not in spare],
        "annotation": [
            node["annotation"]["id"] for node in read["samples"]["nodes"] if node["annotation"]
        ],
        "model": [node["id"] for node in read["models"]["nodes"]],
        "run": [node["id"] for node in read["trainingRuns"]["nodes"]],
        "invocation": [invoked["invoke"]["invocation"]["id"]],
        "spare function": [(await client.create_function(name=name))["id"] for name in names],
        "spare label": [
            (await client.ask(LABEL, id=id, name=name))["createLabel"]["label"]["id"]
            for name in names
        ],
        "spare sample": spare,
        "spare key": [
            (await client.ask(KEY, name=name))["createApiKey"]["apiKey"]["id"] for name in names
        ],
    }


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with running(tmp_path_factory.mktemp("product"), NO_LIMITS) as product:
        yield product


@pytest.fixture(scope="module")
async def objects(product: Product) -> Objects:
    return await prepare(product.client)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
async def test_no_document_that_the_schema_allows_makes_the_server_fail(
    product: Product, objects: Objects
) -> None:
    describe_scalars()
    described = schemathesis.graphql.from_dict(dict(introspection_from_schema(schema._schema)))
    operations = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
    asked: Counter[str] = Counter()
    ran: Counter[str] = Counter()
    failed: list[tuple[str, Json]] = []

    def ask(case: Case[Any], random: Random) -> None:
        document = put_right(schema._schema, parse(str(case.body)), objects, random)
        text = print_ast(document)
        response = http.post("/graphql", json={"query": text})
        answer = response.json()
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        asked[case.operation.label] += 1
        ran[case.operation.label] += answer.get("data") is not None
        if response.status_code >= 500 or "INTERNAL" in codes:
            failed.append((text, answer))

    def ask_all() -> None:
        random = st.randoms(use_true_random=False)
        AS_DRAWN(given(st.one_of([one.as_strategy() for one in operations]), random)(ask))()
        for operation in operations:
            if not ran[operation.label]:  # all documents were refused for a value: draw more
                MORE(given(operation.as_strategy(), random)(ask))()

    with httpx.Client(base_url=product.url, headers=product.client.headers, timeout=60) as http:
        await asyncio.to_thread(ask_all)

    assert failed == []
    assert asked.total() >= AS_DRAWN.max_examples
    assert set(+ran) == {operation.label for operation in operations}


@pytest.mark.slow
@pytest.mark.timeout(1_800)
async def test_no_request_to_the_rest_api_makes_the_server_fail(
    product: Product, objects: Objects
) -> None:
    described = schemathesis.openapi.from_dict(DOCUMENT)
    [operation] = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
    [function] = objects["function"]
    statuses: Counter[int] = Counter()
    modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @settings(AS_DRAWN, max_examples=CASES or 200)
    @given(case=st.one_of(modes), there=st.booleans(), pictured=st.booleans())
    def ask(case: Case[Any], there: bool, pictured: bool) -> None:
        if there:
            case.path_parameters["id"] = function
        if pictured and case.media_type not in ("application/json", "multipart/form-data"):
            case.body = make.picture(1)
        response = case.call(base_url=product.url, headers=product.client.headers)
        case.validate_response(
            response,
            checks=[
                not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ],
        )
        statuses[response.status_code] += 1

    await asyncio.to_thread(ask)

    assert statuses[200] > 0
    assert statuses.total() == (CASES or 200)
