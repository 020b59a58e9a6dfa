"""A schema as it is served: documents checked and kept, contexts fresh, errors told or masked."""

from collections.abc import Iterable
from typing import Any, cast

import strawberry
from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import GraphQLError, execute
from graphql.execution import Executor
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.execution import ExecutionContext, ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

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
        self._is_hooked = bool(super().get_extensions())

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Answer one operation whole.

        Where the schema has no extensions this goes straight to graphql-core: Strawberry's hooks
        for them take as long again as a small operation.
        """
        allowed = allowed_operation_types or (OperationType.QUERY, OperationType.MUTATION)
        if self._is_hooked or not query:
            return await super().execute(
                query,
                variable_values,
                context_value,
                root_value,
                operation_name,
                allowed,
                operation_extensions,
            )
        execution = self._create_execution_context(
            query, allowed, variable_values, context_value, root_value, operation_name
        )
        result: ExecutionResult
        try:
            errors = await self._refusals(execution)
            if errors:
                result = PreExecutionError(data=None, errors=errors)
            elif execution.operation_type not in allowed:
                raise InvalidOperationTypeError(execution.operation_type)
            else:
                result = await self._run(execution)
        except InvalidOperationTypeError:
            raise
        except Exception as error:  # noqa: BLE001 - a bug, which `process_errors` masks
            unlocated = GraphQLError(str(error), original_error=error)
            result = PreExecutionError(data=None, errors=[unlocated])
        if result.errors:
            self.process_errors(result.errors, execution)
        result.extensions = execution.extensions_results
        return result

    async def _run(self, execution: ExecutionContext) -> ExecutionResult:
        assert execution.graphql_document is not None
        done = execute(
            self._schema,
            execution.graphql_document,
            root_value=execution.root_value,
            context_value=execution.context,
            variable_values=execution.variables,
            operation_name=execution.operation_name,
            executor_class=self.execution_context_class,
            is_awaitable=cast("Any", optimized_is_awaitable),
        )
        found = done if isinstance(done, GraphQLExecutionResult) else await done
        return ExecutionResult(data=found.data, errors=found.errors)

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
            if self.documents.are_sound(text):
                found = self._find(execution, text)
                if found.errors:
                    await context.hold(self.documents.refusal_cost)
            else:
                await context.hold(self.documents.refusal_cost)
                async with self.documents.turn(context.is_known):
                    found = self._find(execution, text)
                    self.documents.settle(text)
            if found.errors:
                return found.errors
            execution.extensions_results.update(await context.admit(found.cost) or {})
            if found.document is not None:
                context.permit(found.document, execution._provided_operation_name)
        except PigeonholeError as error:
            return [refusal(error)]
        return []

    def _find(self, execution: ExecutionContext, text: str) -> Finding:
        if not self.persisted.allows(text) and not execution.context.may_ask_anything:
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
