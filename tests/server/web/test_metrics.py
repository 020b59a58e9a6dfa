"""Metrics of a server, and who may read them."""

import json
import re
from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families

from pigeonhole import __name__ as package
from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services import jobs, workers
from pigeonhole.services.services import Services
from tests import make
from tests.client import Client

DOCS = Path(__file__).parents[3] / "docs"
NAME = re.compile(r"\bpigeonhole_[a-z_]+")


async def value(client: Client, name: str, **labels: str) -> float:
    """Return the value of a metric, 0 if it was never counted."""
    answer = await client.http.get("/metrics", headers=client.headers)
    assert answer.status_code == 200
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return 0.0


async def names(client: Client) -> set[str]:
    """Return the names of all metrics of this product."""
    answer = await client.http.get("/metrics", headers=client.headers)
    return {
        sample.name
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name.startswith(package) and not sample.name.endswith("_created")
    }


async def test_metrics_need_an_admin_key(anonymous: Client, client: Client) -> None:
    _, secret = await keys.create(name="writer", scopes={ApiKeyScope.WRITE})

    stranger = await anonymous.http.get("/metrics")
    writer = await anonymous.http.get("/metrics", headers=anonymous.by(secret).headers)
    admin = await anonymous.http.get("/metrics", headers=client.headers)

    assert (stranger.status_code, writer.status_code, admin.status_code) == (401, 403, 200)
    assert stranger.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert admin.headers["cache-control"] == "no-store"


async def test_requests_operations_and_errors_are_counted(client: Client) -> None:
    operations = {"type": "query", "field": "functions"}
    requests = {"route": "/graphql", "method": "POST", "status": "200"}
    before = [
        await value(client, "pigeonhole_graphql_operations_total", **operations),
        await value(client, "pigeonhole_http_requests_total", **requests),
        await value(client, "pigeonhole_errors_total", code="GRAPHQL_PARSE_FAILED"),
    ]

    await client.ask("{ functions(first: 1) { totalCount } }")
    await client.answer("{ functions(")

    after = [
        await value(client, "pigeonhole_graphql_operations_total", **operations),
        await value(client, "pigeonhole_http_requests_total", **requests),
        await value(client, "pigeonhole_errors_total", code="GRAPHQL_PARSE_FAILED"),
    ]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 2, 1]


async def test_owed_work_is_read_from_the_database(client: Client) -> None:
    function = await client.create_function(labels=["Soups", "Desserts"])
    await client.add_samples(function["id"], [make.picture(1), make.picture(2)], ["Soups", None])

    assert await value(client, "pigeonhole_functions_owed", kind="training") == 1
    assert await value(client, "pigeonhole_functions_owed", kind="embedding") == 1
    assert await value(client, "pigeonhole_samples_not_embedded") == 2


async def test_workers_and_their_queues_are_counted(client: Client, services: Services) -> None:
    assert await value(client, "pigeonhole_workers_alive") == 0

    await workers.beat(services.redis, workers.Presence(works=True, ready=True))
    function = await client.create_function(labels=["Soups", "Desserts"])
    await client.add_samples(function["id"], [make.picture(1)])

    assert await value(client, "pigeonhole_workers_alive") == 1
    assert await value(client, "pigeonhole_jobs_queued", queue=jobs.BULK) == 1


async def test_every_metric_is_documented_and_dashboard_and_alerts_use_no_others(
    client: Client,
) -> None:
    await client.ask("{ functions(first: 1) { totalCount } }")
    there = await names(client)
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in there}
    documented = set(NAME.findall((DOCS / "operations.md").read_text(encoding="utf-8")))
    dashboard = json.loads((DOCS / "monitoring" / "dashboard.json").read_text(encoding="utf-8"))
    alerts = yaml.safe_load((DOCS / "monitoring" / "alerts.yml").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]

    assert families <= documented
    for expression in asked:
        for name in NAME.findall(expression):
            assert re.sub(r"_(bucket|count|sum)$", "", name) in documented, name


async def test_the_version_is_public(anonymous: Client) -> None:
    answer = await anonymous.http.get("/version")

    assert answer.status_code == 200
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", answer.json()["version"])
