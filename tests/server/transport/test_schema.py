"""The served view of a schema leaves the schema and its extensions unchanged."""

import asyncio
import hashlib
import inspect
from collections.abc import Callable, Iterator
from importlib.metadata import version

import pytest
import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.types import ExecutionContext

from server.transport.context import OperationContext
from server.transport.limits import Limits
from server.transport.persisted import PersistedDocuments
from server.transport.schema import ServedSchema
from server.transport.shielded import Shielded


@strawberry.type
class Query:
    """A query type with one field."""

    hello: str = "world"


def test_the_extensions_of_a_schema_run_after_the_checks_of_the_transport() -> None:
    ran: list[str | None] = []

    class Noting(SchemaExtension):
        def on_execute(self) -> Iterator[None]:
            ran.append(self.execution_context.query)
            yield

    schema = strawberry.Schema(query=Query, extensions=[Noting])
    served = ServedSchema(schema, Limits(aliases=0), PersistedDocuments(Limits()), Shielded(1))

    for query in ("{ __typename }", "{ nope }", "{ a: __typename }"):
        asyncio.run(served.execute(query, context_value=OperationContext()))

    assert ran == ["{ __typename }"]


def test_the_schema_itself_is_unchanged() -> None:
    schema = strawberry.Schema(query=Query)

    served = ServedSchema(schema, Limits(aliases=0), PersistedDocuments(Limits()), Shielded(1))
    result = asyncio.run(schema.execute("{ a: __typename }"))

    assert (result.data, result.errors) == ({"a": "Query"}, None)
    assert served.as_str() == schema.as_str()
    assert schema.get_extensions() == []


RELIED_ON: dict[Callable[..., object], str] = {
    strawberry.Schema.__init__: "75a129094ac8d23676d9e7d7d4101e88",
    strawberry.Schema.execute: "a4b76c96d614f4d04d6045aca69930ae",
    strawberry.Schema._create_execution_context: "8e5a5b590ca7b3ab365b072565988114",
    strawberry.Schema._prepare_operation_async: "0973d3b5a73f65fd15659da27a330cc5",
    strawberry.Schema._execute_operation: "5d64cc27e74797f95d0ddd8e9fe0a5cf",
    strawberry.Schema._stream: "c5ba32092056c6a1d5d58819e48dc2be",
    ExecutionContext.__post_init__: "dda5226e78cd533c66393a20fce03acf",
    BaseGraphQLTransportWSHandler._handle_pre_execution_error: "3226a1a9b2e36e82036607537c813475",
}
"""Parts of Strawberry without a public interface, with the first half of their source's SHA-256."""


@pytest.mark.parametrize("function", RELIED_ON, ids=lambda function: str(function.__qualname__))
def test_the_private_parts_of_strawberry_in_use_are_unchanged(
    function: Callable[..., object],
) -> None:
    found = hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:32]

    assert found == RELIED_ON[function], (
        f"{function.__qualname__} has changed in Strawberry {version('strawberry-graphql')}. Read "
        "it, and compare: `ServedSchema.__init__` copies what `Schema.__init__` sets; `execute` "
        "does what `Schema.execute` does without extensions; `_prepare_operation_async` and "
        "`_execute_operation` are called by `execute` and `_stream`, before parsing and around "
        "the resolvers; `Handler` in websocket.py sends an error where Strawberry closes the "
        "socket. If a public interface does one of these now, use it. Then write the new digest "
        "here, and widen the range in pyproject.toml."
    )
