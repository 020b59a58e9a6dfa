"""OpenTelemetry by its standard environment variables; nothing is loaded where none is set.

One trace goes from a request over the queue to the job that it caused and the model that computes.

Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from pigeonhole.settings import OperatorError

if TYPE_CHECKING:
    from opentelemetry.trace import Span

NAME = "pigeonhole"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SDK = "opentelemetry.sdk.trace"


def start(process: str, environment: Mapping[str, str]) -> None:
    """Begin to export spans if the environment names where to: an OTLP endpoint, or the console.

    Raises:
        OperatorError: The packages of the extra ``otel`` are not installed.
    """
    exporter = environment.get("OTEL_TRACES_EXPORTER", "")
    is_disabled = environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or exporter == "none"
    if is_disabled or not (exporter or any(environment.get(name) for name in ENDPOINTS)):
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
    except ImportError as error:
        raise OperatorError(
            "The environment asks for OpenTelemetry, whose packages are not installed. Run `pip "
            "install 'pigeonhole[otel]'`, or set OTEL_SDK_DISABLED=true."
        ) from error
    named = {"service.name": environment.get("OTEL_SERVICE_NAME") or f"{NAME}-{process}"}
    provider = TracerProvider(resource=Resource.create(named))
    exports = ConsoleSpanExporter() if exporter == "console" else OTLPSpanExporter()
    provider.add_span_processor(BatchSpanProcessor(exports))
    trace.set_tracer_provider(provider)


def stop() -> None:
    """Export what is left, where the process ends without its exit handlers."""
    if SDK in sys.modules:
        from opentelemetry import trace

        provider: Any = trace.get_tracer_provider()
        if hasattr(provider, "shutdown"):
            provider.shutdown()


def span(
    name: str, carrier: Mapping[str, str] | None = None, **attributes: str | int
) -> "AbstractContextManager[Span | None]":
    """Return a context that is a span of the current trace, or of the one that a carrier names.

    Without `start` it is no span, and costs a look into a dictionary.
    """
    if SDK not in sys.modules:
        return nullcontext()
    from opentelemetry import propagate, trace

    parent = propagate.extract(carrier) if carrier else None
    return trace.get_tracer(NAME).start_as_current_span(name, context=parent, attributes=attributes)


def describe(current: "Span | None", name: str, attributes: Mapping[str, str | int]) -> None:
    """Give a span the name and the attributes that are known at its end."""
    if current is not None:
        current.update_name(name)
        current.set_attributes(attributes)


def name_current(name: str) -> None:
    """Give the current span, if any, the name that is known by now."""
    if SDK in sys.modules:
        from opentelemetry import trace

        trace.get_current_span().update_name(name)


def carrier() -> dict[str, str]:
    """Return what names the current span to another process; empty without one."""
    found: dict[str, str] = {}
    if SDK in sys.modules:
        from opentelemetry import propagate

        propagate.inject(found)
    return found
