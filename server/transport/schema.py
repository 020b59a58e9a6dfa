"""A schema as served: documents checked and cached, fresh contexts, errors masked."""

import asyncio
from collections.abc import Callable, Iterable
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

from pigeonhole.errors import ForbiddenError, PigeonholeError
from pigeonhole.services.refusals import FIRST_WAIT_S, LONGEST_WAIT_S, refusal_of
from server.transport.codes import Code
from server.transport.context import OperationContext
from server.transport.costs import points_of
from server.transport.documents import MOST_ERRORS, Documents, Finding, refused
from server.transport.errors import cause_of, coded, refusal, told
from server.transport.limits import Limits
from server.transport.persisted import PersistedDocuments
from server.transport.shielded import Shielded


class EventExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes each event of a subscription with a context of its own.

    graphql-core resolves every event with the context that the subscription began with, so a
    DataLoader in it would answer from what it read for an earlier event. It copies the executor
    for each event; the copy gets a fresh context, and each but the first is paid for. An event that
    fails because something is away is executed again, for clients take an error to be the end of a
    subscription.

    Source: https://github.com/graphql-python/graphql-core/blob/main/src/graphql/execution/
    """

    again: Callable[[], "EventExecutor"] | None = None
    """Copies the executor for the same event again; None if there is no event."""
    whole: "EventExecutor | None" = None
    """Executor of the subscription that the event belongs to."""
    price = 0
    """Points of the last event, taken before the next; `admit` has taken those of the first."""

    @classmethod
    def build(
        cls,
        schema: Any,
        document: Any,
        root_value: Any = None,
        context_value: Any = None,
        raw_variable_values: Any = None,
        operation_name: Any = None,
        field_resolver: Any = None,
        type_resolver: Any = None,
        subscribe_field_resolver: Any = None,
        max_coercion_errors: int = MOST_ERRORS,
        *args: Any,
        **options: Any,
    ) -> Any:
        """Build an executor that stops after `MOST_ERRORS` errors in the variables.

        Strawberry passes no limit to graphql-core, whose default for a subscription is 50.
        """
        return super().build(
            schema,
            document,
            root_value,
            context_value,
            raw_variable_values,
            operation_name,
            field_resolver,
            type_resolver,
            subscribe_field_resolver,
            min(max_coercion_errors, MOST_ERRORS),
            *args,
            **options,
        )

    def build_per_event_executor(self, payload: Any) -> Executor[Any]:
        """Copy this executor for one event."""
        executor = super().build_per_event_executor(payload)
        context: OperationContext = self.context_value
        executor.context_value = context.fresh()
        executor.again = lambda: self.build_per_event_executor(payload)  # type: ignore[attr-defined]
        executor.whole = self  # type: ignore[attr-defined]
        return executor

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Execute an operation, and an event again while a service that it needs is unavailable."""
        execute = super().execute_operation
        if self.again is None:
            return execute(serially)
        return self._settled(lambda: execute(serially))

    async def _settled(self, execute: Callable[[], Any]) -> GraphQLExecutionResult:
        assert self.whole is not None
        if self.whole.price:
            context: OperationContext = self.context_value
            await context.repeat(self.whole.price)
        done: Any = execute()
        result: GraphQLExecutionResult = await done if optimized_is_awaitable(done) else done
        wait_s = FIRST_WAIT_S
        while any(map(_passes, result.errors or ())):
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
            assert self.again is not None
            done = super(EventExecutor, self.again()).execute_operation(False)
            result = await done if optimized_is_awaitable(done) else done
        self.whole.price = points_of(
            self.schema,
            self.fragment_definitions,
            self.schema.subscription_type,
            self.operation.selection_set,
            result.data,
        )
        return result


def _passes(error: GraphQLError) -> bool:
    cause = cause_of(error)
    return cause is not None and refusal_of(cause) is not None


class ServedSchema(strawberry.Schema):
    """A view of a built schema that adds the transport's checks; the schema itself is untouched."""

    def __init__(
        self,
        schema: strawberry.Schema,
        limits: Limits,
        persisted: PersistedDocuments,
        shielded: Shielded,
    ) -> None:
        # This does not call super().__init__, which would build all types a second time.
        # test_schema.py fails when that sets other attributes than before.
        self.__dict__.update(schema.__dict__)
        self.execution_context_class = EventExecutor
        self.documents = Documents(schema._schema, limits)
        self.persisted = persisted
        self.shielded = shielded
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
        """Execute one operation and return its complete result.

        If the schema has no extensions, this calls graphql-core directly, because Strawberry's
        hooks for extensions take as long again as a small operation.
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
        if isinstance(result, PreExecutionError) and result.errors:
            self.process_errors(result.errors, execution)
        result.extensions = execution.extensions_results
        return result

    async def _run(self, execution: ExecutionContext) -> ExecutionResult:
        if execution.operation_type is not OperationType.MUTATION:
            return await self._answer(execution)
        return await self.shielded.run(lambda: self._answer(execution))

    async def _execute_operation(
        self, execution_context: ExecutionContext, *args: Any, **kwargs: Any
    ) -> Any:
        """Execute a query or a mutation for `stream`."""
        execute_operation = super()._execute_operation

        async def execute() -> Any:
            return await execute_operation(execution_context, *args, **kwargs)

        if execution_context.operation_type is not OperationType.MUTATION:
            return await execute()
        return await self.shielded.run(execute)

    async def _answer(self, execution: ExecutionContext) -> ExecutionResult:
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
        if found.errors:  # processed here, so that a bug is logged even if the client has gone
            self.process_errors(found.errors, execution)
        return ExecutionResult(data=found.data, errors=found.errors)

    async def _prepare_operation_async(
        self, context: ExecutionContext, extensions_runner: SchemaExtensionsRunner
    ) -> PreExecutionError | None:
        """Check, look up and admit one operation of any transport.

        `execute` and `stream` both call this before they parse. With a document set they do not
        parse again, and with a list of errors they do not validate again.
        """
        if context.query:
            errors = await self._refusals(context)
            if errors:
                return PreExecutionError(data=None, errors=errors)
            context.pre_execution_errors = []
        return await super()._prepare_operation_async(context, extensions_runner)

    async def _refusals(self, execution: ExecutionContext) -> list[GraphQLError]:
        """Return the errors that refuse an operation; take its cost if there are none."""
        try:
            # A new context, because many operations may share a socket or a batch.
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
            message = "This server answers registered documents only."
            return refused(coded(message, Code.DOCUMENT_NOT_REGISTERED))
        try:
            document = self.documents.parsed(text)
        except GraphQLError as error:
            return refused(error)
        name = execution._provided_operation_name  # otherwise the first of several would run
        found = document.check(name, execution.variables or {})
        if not found.errors and found.introspects and not execution.context.may_introspect:
            return refused(refusal(ForbiddenError("You may not ask about the schema.")))
        execution.graphql_document = document.node
        return found

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Replace each error by the one the caller may see; every transport calls this once."""
        errors[:] = [told(error) for error in errors]
