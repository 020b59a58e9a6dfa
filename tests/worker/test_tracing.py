"""One trace from an upload over the queue to the model, and none unless configured."""

import sys

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pigeonhole.services import tracing
from pigeonhole.settings import OperatorError
from tests import make
from tests.client import Client
from tests.conftest import RunJobs

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
