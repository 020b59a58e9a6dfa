"""A schema as it is served: documents checked and kept, contexts fresh, errors told or masked."""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import strawberry
from graphql import GraphQLError
from graphql.execution import Executor
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.execution import ExecutionContext, ExecutionResult, PreExecutionError

from pigeonhole.errors import PigeonholeError
from server.transport.context import OperationContext
from server.transport.documents import Document, Documents, unclear
from server.transport.errors import coded, refusal, told
from server.transport.limits import Limits
from server.transport.persisted import NOT_REGISTERED, PersistedDocuments


class EventExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes each event of a subscription with a context of its own.

    graphql-core resolves every event with the context that the subscription began with, so a
    DataLoader in it would answer from what it read for an earlier event. It copies the executor
    for each event; the copy gets a fresh context.

    Source: https://github.com/graphql-python/graphql-core/blob/main/src/graphql/execution/
    """

    def build_per_event_executor(self, payload: Any) -> Executor[Any]:
        """Copy this executor for one event."""
        executor = super().build_per_event_executor(payload)
        context: OperationContext = self.context_value
        executor.context_value = context.fresh()
        return executor


class Checks(SchemaExtension):
    """Bounds, caches and admits one operation, over whatever transport it came."""

    def __init__(self, documents: Documents, persisted: PersistedDocuments) -> None:
        super().__init__()
        self._documents = documents
        self._persisted = persisted
        self._document: Document | None = None
        self._refused: PigeonholeError | None = None

    def on_operation(self) -> Iterator[None]:
        """Give the operation a context of its own, for many may share a socket or a batch."""
        context: OperationContext = self.execution_context.context
        try:
            self.execution_context.context = context.fresh()
        except PigeonholeError as error:
            self._refused = error  # told by `on_validate`, which may answer with errors
        yield

    def on_parse(self) -> Iterator[None]:
        """Parse, or take the document that was kept.

        What can't be parsed is left to Strawberry, which parses it again: an error raised in
        this hook would end a subscription with `complete` in place of `error`.
        """
        execution = self.execution_context
        execution.parse_options = self._documents.parse_options
        with suppress(GraphQLError):
            self._document = self._documents.parsed(execution.query or "")
            execution.graphql_document = self._document.node
        yield

    async def on_validate(self) -> AsyncIterator[None]:
        """Refuse what is not registered, too big, invalid, or not admitted."""
        execution = self.execution_context
        if self._document is not None:
            execution.pre_execution_errors = await self._refusals(self._document)
        yield

    async def _refusals(self, document: Document) -> list[GraphQLError]:
        execution = self.execution_context
        context: OperationContext = execution.context
        if self._refused is not None:
            return [refusal(self._refused)]
        if not self._persisted.allows(execution.query or ""):
            return [coded("This server answers registered documents only.", NOT_REGISTERED)]
        name = execution._provided_operation_name  # else the first of several would run
        found = document.check(name, execution.variables or {})
        if found.errors:
            return found.errors
        if found.introspects and not context.may_introspect:
            return [coded("You may not ask about the schema.", "FORBIDDEN")]
        try:
            execution.extensions_results.update(await context.admit(found.cost) or {})
        except PigeonholeError as error:
            return [refusal(error)]
        return []


class ServedSchema(strawberry.Schema):
    """A view of a built schema that adds the transport's checks; the schema itself is untouched."""

    def __init__(
        self, schema: strawberry.Schema, limits: Limits, persisted: PersistedDocuments
    ) -> None:
        # Deliberately without super().__init__: that would build all types a second time.
        self.__dict__.update(schema.__dict__)
        self.execution_context_class = EventExecutor
        self.documents = Documents(schema._schema, limits)
        self.persisted = persisted

    def get_extensions(self, sync: bool = False) -> list[SchemaExtension]:
        """The schema's own extensions, behind the transport's checks."""
        return [Checks(self.documents, self.persisted), *super().get_extensions(sync)]

    async def execute(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        """Execute; an unknown operation is answered, as `stream` does, rather than raised."""
        try:
            return await super().execute(*args, **kwargs)
        except CannotGetOperationTypeError as error:
            return PreExecutionError(data=None, errors=[unclear(error.operation_name)])

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Replace each error by what the caller may see; every transport passes here once."""
        errors[:] = [told(error) for error in errors]
