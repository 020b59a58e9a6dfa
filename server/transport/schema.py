"""A schema as it is served: documents checked and kept, contexts fresh, errors told or masked."""

from typing import Any

import strawberry
from graphql import GraphQLError
from graphql.execution import Executor
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.execution import ExecutionContext, PreExecutionError

from pigeonhole.errors import PigeonholeError
from server.transport.context import OperationContext
from server.transport.documents import Documents, Finding, refused
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

    async def _prepare_operation_async(
        self, context: ExecutionContext, extensions_runner: SchemaExtensionsRunner
    ) -> PreExecutionError | None:
        """Bound, look up and admit one operation, over whatever transport it came.

        `execute` and `stream` both pass here, before they parse. What has a document here is not
        parsed again, and what has a list of errors is not validated again.
        """
        if context.query:
            errors = await self._refusals(context)
            if errors:
                return PreExecutionError(data=None, errors=errors)
            context.pre_execution_errors = []
        return await super()._prepare_operation_async(context, extensions_runner)

    async def _refusals(self, execution: ExecutionContext) -> list[GraphQLError]:
        """Why an operation is refused; what it costs is taken."""
        try:
            # A context of its own, for many operations may share a socket or a batch.
            execution.context = context = execution.context.fresh()
            text = execution.query or ""
            looked_at = self.documents.are_sound(text)
            if not looked_at:
                await context.hold(self.documents.refusal_cost)
            found = self._find(execution, text)
            if found.errors:
                if looked_at:
                    await context.hold(self.documents.refusal_cost)
                return found.errors
            execution.extensions_results.update(await context.admit(found.cost) or {})
        except PigeonholeError as error:
            return [refusal(error)]
        return []

    def _find(self, execution: ExecutionContext, text: str) -> Finding:
        if not self.persisted.allows(text):
            return refused(coded("This server answers registered documents only.", NOT_REGISTERED))
        try:
            document = self.documents.parsed(text)
        except GraphQLError as error:
            return refused(error)
        name = execution._provided_operation_name  # else the first of several would run
        found = document.check(name, execution.variables or {})
        if not found.errors and found.introspects and not execution.context.may_introspect:
            return refused(coded("You may not ask about the schema.", "FORBIDDEN"))
        execution.graphql_document = document.node
        return found

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Replace each error by what the caller may see; every transport passes here once."""
        errors[:] = [told(error) for error in errors]
