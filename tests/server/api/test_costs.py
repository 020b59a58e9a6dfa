"""Costs of fields: declared in the schema, multiplied by pages, aliases and events, and by size."""

import base64
import logging
from typing import Any
from uuid import uuid4

import pytest
from graphql import GraphQLObjectType
from strawberry.types.field import StrawberryField

from pigeonhole import functions
from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from pigeonhole.tables import Function, Model, ModelArrays
from pigeonhole.training import likeness
from server import ids
from server.api.schema import schema
from server.transport.costs import cost_of
from tests import build, make
from tests.client import Client, Json
from tests.conftest import RunJobs
from tests.server.api.conftest import Live

CHANGED = """subscription ($id: ID!) { functionChanged(id: $id) {
  ...Names labels(first: 100) { nodes { id } } } } fragment Names on Function { name }"""
LEFT = "{ viewer { rateLimit { remaining cost } } }"
EVIDENCE = """query ($id: ID!, $n: Int!) { function(id: $id) { samples(first: $n) { nodes {
  crossValidated { evidence(first: 1) { similarity sample { id } } } } } } }"""
NEAR = """query ($id: ID!, $n: Int!) { function(id: $id) { samples(first: $n) { nodes {
  nearDuplicates(first: 1) { id } } } } }"""
THRESHOLDS = """query ($id: ID!, $n: Int!) { function(id: $id) { models(first: $n) { nodes {
  metrics { threshold(maxErrorRate: 0.1) { confidence } } } } } }"""


def test_every_field_that_needs_a_database_query_has_a_cost() -> None:
    costless = [
        f"{type.name}.{name}"
        for type in schema._schema.type_map.values()
        if isinstance(type, GraphQLObjectType)
        for name, field in type.fields.items()
        if isinstance(definition := field.extensions.get("strawberry-definition"), StrawberryField)
        and (definition.is_async or definition.is_subscription)
        and cost_of(field) is None
    ]

    assert costless == []


def test_costs_are_whole_points_and_refer_to_existing_lists() -> None:
    found = [
        (cost, field)
        for type in schema._schema.type_map.values()
        if isinstance(type, GraphQLObjectType)
        for field in type.fields.values()
        if (cost := cost_of(field)) is not None
    ]

    assert len(found) > 60
    for cost, field in found:
        assert cost.points >= 1
        if cost.entries:
            argument, *path = cost.entries.split(".")
            type: Any = field.args[argument].type
            for name in path:
                type = getattr(type, "of_type", type).fields[name].type
            assert "[" in str(type)


async def cost(client: Client, query: str, **variables: object) -> int:
    """Return the cost of an operation."""
    answer = await client.answer(query, **variables)
    found: int = answer["extensions"]["cost"]["cost"]
    return found


async def test_a_list_of_ids_costs_by_its_entries_whether_literal_or_variable(
    client: Client,
) -> None:
    many = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    literal = '{ nodes(ids: ["a", "b"]) { id } }'
    default = 'query ($ids: [ID!]! = ["a", "b"]) { nodes(ids: $ids) { id } }'

    costs = [await cost(client, many, ids=["a"] * count) for count in (0, 1, 2, 100)]

    assert costs == [10, 15, 20, 510]  # 4 for each entry, and 1 for its id
    assert await cost(client, literal) == 20
    assert await cost(client, default) == 20


async def test_a_mutation_costs_by_the_number_of_its_entries(client: Client) -> None:
    query = """mutation ($ids: [ID!]!) {
      clearAnnotations(input: { sampleIds: $ids }) { errors { code } } }"""

    costs = [await cost(client, query, ids=["a"] * count) for count in (1, 2, 50)]

    assert [found - costs[0] for found in costs] == [0, 10, 49 * 10]


async def test_aliases_multiply_the_cost_and_too_many_expensive_ones_are_refused(
    client: Client,
) -> None:
    def page(aliases: int) -> str:
        asked = " ".join(f"a{n}: evidence(first: 1) {{ similarity }}" for n in range(aliases))
        return f"""query ($id: ID!) {{ function(id: $id) {{ samples(first: 100) {{ nodes {{
          crossValidated {{ {asked} }} }} }} }} }}"""

    one, two = [await cost(client, page(count), id="fn_0") for count in (1, 2)]
    three = await cost(client, page(3), id="fn_0")
    refused = await client.answer(page(55), id="fn_0")

    assert three - two == two - one == 100 * (8 + 1)
    [error] = refused["errors"]
    assert (error["extensions"]["code"], error["extensions"]["limit"]) == ("LIMIT_EXCEEDED", "cost")
    assert "data" not in refused


@pytest.fixture
async def function(services: Services, run_jobs: RunJobs) -> Function:
    """A function with twelve samples and a model."""
    made = await build.function(services)
    pictures, names = zip(*build.digits(6), strict=True)
    await build.add(services, made, pictures, names)
    await run_jobs()
    await made.refresh_from_db()
    return made


def count_reads(caplog: pytest.LogCaptureFixture) -> int:
    """Count the logged statements, without the occasional ones about the caller's key."""
    return sum(
        record.name == "tortoise.db_client" and "api_key" not in record.getMessage()
        for record in caplog.records
    )


async def statements(
    client: Client, caplog: pytest.LogCaptureFixture, query: str, **variables: object
) -> tuple[int, Json]:
    """Return how many statements a response took, and its data."""
    await client.ask(query, **variables)  # fills the caches
    caplog.clear()
    with caplog.at_level(logging.DEBUG, logger="tortoise.db_client"):
        data = await client.ask(query, **variables)
    return count_reads(caplog), data


@pytest.mark.parametrize("query", [EVIDENCE, NEAR])
async def test_evidence_for_a_page_of_samples_takes_as_many_reads_as_for_one_sample(
    client: Client, function: Function, caplog: pytest.LogCaptureFixture, query: str
) -> None:
    id = ids.encode(ids.Kind.FUNCTION, function.id)

    one, _ = await statements(client, caplog, query, id=id, n=1)
    page, data = await statements(client, caplog, query, id=id, n=12)

    assert len(data["function"]["samples"]["nodes"]) == 12
    assert page <= one  # fewer rows are read for the page's own samples


async def test_thresholds_of_many_models_take_as_many_reads_as_of_one(
    client: Client,
    services: Services,
    function: Function,
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = await Model.get(id=function.active_model_id)
    arrays = await ModelArrays.get(model_id=model.id)
    columns = {name: getattr(model, name) for name in Model._meta.db_fields}
    for version in range(2, 9):
        copy = await Model.create(**{**columns, "id": uuid4(), "version": version})
        await ModelArrays.create(model_id=copy.id, head=arrays.head, held_out=arrays.held_out)
    id = ids.encode(ids.Kind.FUNCTION, function.id)
    counts = []
    for n in (2, 8):  # the active one reads its labels first
        services.predictors._recent.clear()
        caplog.clear()
        with caplog.at_level(logging.DEBUG, logger="tortoise.db_client"):
            data = await client.ask(THRESHOLDS, id=id, n=n)
        counts.append(count_reads(caplog))

    found = [node["metrics"]["threshold"] for node in data["function"]["models"]["nodes"]]
    assert len(found) == 8
    assert all(one == found[0] for one in found)
    assert counts[0] == counts[1]


async def test_a_version_that_is_too_old_fails_only_its_own_threshold(
    client: Client, function: Function
) -> None:
    model = await Model.get(id=function.active_model_id)
    columns = {name: getattr(model, name) for name in Model._meta.db_fields}
    await Model.create(**{**columns, "id": uuid4(), "version": 2})

    answer = await client.answer(THRESHOLDS, id=ids.encode(ids.Kind.FUNCTION, function.id), n=2)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["CONFLICT"]


class TestByRates:
    """Points that are charged while an operation runs."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"rate_points": 2_000, "rate_points_per_s": 0.001})

    async def test_work_that_depends_on_size_is_charged_and_refused_without_points(
        self, client: Client, function: Function, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        id = ids.encode(ids.Kind.FUNCTION, function.id)
        monkeypatch.setattr(likeness, "POINTS_A_MILLION_COMPARED", 15_000_000)

        answer = await client.answer(EVIDENCE, id=id, n=1)
        left = await client.answer(LEFT)
        refused = await client.answer(EVIDENCE, id=id, n=12)

        known = left["data"]["viewer"]["rateLimit"]
        work = 15 * 12 * 3  # the image, an axis and the origin, by twelve annotated samples
        paid = answer["extensions"]["cost"]["remaining"] - known["remaining"] - known["cost"]
        assert paid == work
        assert {error["extensions"]["code"] for error in refused["errors"]} == {"RATE_LIMITED"}

    @pytest.mark.parametrize(
        ("asked", "points"),
        [
            ("model { metrics { labels { support } } }", 50 - 10),
            ("model { metrics { confusionMatrix { labels { name } } } }", (50 - 10) / 4),
            ("model { metrics { confusionMatrix { counts } } }", -(-(50 * 50 - 10) // 40)),
            ("set { name }", (50 - 10) / 4),
        ],
    )
    async def test_a_list_with_an_entry_for_each_label_is_charged_by_its_length(
        self, client: Client, services: Services, run_jobs: RunJobs, asked: str, points: float
    ) -> None:
        # Without samples, every label is in the prediction set.
        function = await build.function(services, [f"Label {number}" for number in range(50)])
        await run_jobs()
        query = f"""mutation ($input: InvokeInput!) {{ invoke(input: $input) {{
          invocation {{ prediction {{ {asked} }} }} }} }}"""
        picture = f"data:image/png;base64,{base64.b64encode(make.picture(1)).decode()}"
        id = ids.encode(ids.Kind.FUNCTION, function.id)

        answer = await client.answer(query, input={"functionId": id, "image": {"dataUri": picture}})
        left = await client.answer(LEFT)

        known = left["data"]["viewer"]["rateLimit"]
        assert "errors" not in answer
        paid = answer["extensions"]["cost"]["remaining"] - known["remaining"] - known["cost"]
        assert paid == points

    async def test_each_event_of_a_subscription_is_charged(
        self, services: Services, live: Live
    ) -> None:
        function = await build.function(services)

        async def remaining() -> Json:
            await live.send(id="left", type="subscribe", payload={"query": LEFT})
            message = await live.receive()
            assert (await live.receive())["type"] == "complete"
            known: Json = message["payload"]["data"]["viewer"]["rateLimit"]
            return known

        await live.subscribe("1", CHANGED, ids.encode(ids.Kind.FUNCTION, function.id))
        assert (await live.next("functionChanged"))["name"] == "Recipes"
        first = await remaining()
        await functions.update(services, function.id, {"name": "Renamed"})
        assert (await live.next("functionChanged"))["name"] == "Renamed"
        second = await remaining()

        # Priced for a hundred labels, although there are two.
        estimate = 20 + 1 + 22 + 1 + 100 * (1 + 1)
        assert first["remaining"] == 2_000 - estimate - first["cost"]
        event = 20 + 1 + 22 + 1 + 2 * 1
        assert first["remaining"] - second["remaining"] == event + second["cost"]


class TestWithoutPoints:
    """A subscription whose caller has used up its points."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"rate_points": 600, "rate_points_per_s": 400.0})

    async def test_a_subscription_waits_for_points_and_continues(
        self, services: Services, live: Live
    ) -> None:
        function = await build.function(services)
        await live.subscribe("1", CHANGED, ids.encode(ids.Kind.FUNCTION, function.id))
        assert (await live.next("functionChanged"))["name"] == "Recipes"

        for number in range(25):  # 1,150 points
            await functions.update(services, function.id, {"name": f"Function {number}"})
            await live.until("functionChanged", name=f"Function {number}")
