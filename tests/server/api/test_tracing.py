"""One trace from an upload over the queue to the model, and none unless configured."""

import asyncio
import sys

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pigeonhole.services import tracing
from pigeonhole.services.services import Services
from pigeonhole.settings import OperatorError
from server import ids
from tests import build, make
from tests.client import Client
from tests.conftest import RunJobs
from tests.pigeonhole.running import eventually
from tests.server.api.conftest import Live

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def kind() -> str:
    return "embedded"  # nothing here depends on the database


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


async def test_one_trace_goes_from_an_upload_over_the_queue_to_the_model(
    client: Client, run_jobs: RunJobs, spans: InMemorySpanExporter
) -> None:
    function = (await client.create_function(labels=["cat", "dog"]))["id"]
    await run_jobs()
    client.headers["traceparent"] = f"00-{CALLER}-00f067aa0ba902b7-01"
    spans.clear()

    await client.add_samples(
        function, [make.picture(seed) for seed in range(4)], ["cat", "dog"] * 2
    )
    await run_jobs()

    found = spans.get_finished_spans()
    names = {span.name for span in found}
    assert {
        "mutation addSamples",
        "job embed",
        "job train",
        "encoder.embed",
        "model.learn",
    } <= names
    assert {f"{span.context.trace_id:032x}" for span in found if span.context} == {CALLER}
    [request] = [span for span in found if span.name == "mutation addSamples"]
    assert request.attributes is not None
    assert request.attributes["http.route"] == "/graphql"


async def test_each_operation_over_a_websocket_is_a_span_with_its_own_name(
    live: Live, services: Services, spans: InMemorySpanExporter
) -> None:
    function = ids.of_row(await build.function(services))
    spans.clear()

    await live.subscribe(
        "1", "subscription ($id: ID!) { functionChanged(id: $id) { id } }", function
    )
    await live.next("functionChanged")
    await live.subscribe("2", "query ($id: ID!) { function(id: $id) { id } }", function)
    assert (await live.next("function"), await live.receive()) == (
        {"id": function},
        {"id": "2", "type": "complete"},
    )
    await live.send(id="1", type="complete")
    await asyncio.to_thread(eventually, lambda: len(spans.get_finished_spans()) == 2)

    found = {span.name: span for span in spans.get_finished_spans()}
    assert set(found) == {"query function", "subscription functionChanged"}
    assert len({span.context.trace_id for span in found.values() if span.context}) == 2


def test_nothing_is_traced_unless_the_environment_asks_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, tracing.SDK)

    for environment in ({}, {"OTEL_TRACES_EXPORTER": "none"}, {"OTEL_SDK_DISABLED": "true"}):
        tracing.start("server", environment)
    with tracing.span("anything") as span:
        carried = tracing.carrier()

    assert (span, carried) == (None, {})
    assert tracing.SDK not in sys.modules


def test_missing_packages_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)

    with pytest.raises(OperatorError, match=r"pip install 'pigeonhole\[otel\]'"):
        tracing.start("server", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})
