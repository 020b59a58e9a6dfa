"""The served view of a schema leaves the schema and its own extensions as they were."""

import asyncio
from collections.abc import Iterator

import strawberry
from strawberry.extensions import SchemaExtension

from server.transport.context import OperationContext
from server.transport.limits import Limits
from server.transport.persisted import PersistedDocuments
from server.transport.schema import ServedSchema


@strawberry.type
class Query:
    """One field."""

    hello: str = "world"


def test_the_extensions_of_a_schema_run_behind_the_checks_of_the_transport() -> None:
    ran: list[str | None] = []

    class Noting(SchemaExtension):
        def on_execute(self) -> Iterator[None]:
            ran.append(self.execution_context.query)
            yield

    schema = strawberry.Schema(query=Query, extensions=[Noting])
    served = ServedSchema(schema, Limits(aliases=0), PersistedDocuments(Limits()))

    for query in ("{ __typename }", "{ nope }", "{ a: __typename }"):
        asyncio.run(served.execute(query, context_value=OperationContext()))

    assert ran == ["{ __typename }"]


def test_the_schema_itself_is_untouched() -> None:
    schema = strawberry.Schema(query=Query)

    served = ServedSchema(schema, Limits(aliases=0), PersistedDocuments(Limits()))
    result = asyncio.run(schema.execute("{ a: __typename }"))

    assert (result.data, result.errors) == ({"a": "Query"}, None)
    assert served.as_str() == schema.as_str()
    assert schema.get_extensions() == []
