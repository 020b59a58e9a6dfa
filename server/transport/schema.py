"""A schema as served: documents checked and cached, fresh contexts, errors masked."""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

import strawberry
from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import GraphQLError, execute
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.execution import ExecutionContext, ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from pigeonhole.errors import ForbiddenError, PigeonholeError
from server.transport.codes import Code
from server.transport.documents import (
    Document,
    Documents,
    Finding,
    asks_the_schema,
    refused,
)
from server.transport.errors import coded, refusal, told
from server.transport.events import EventExecutor
from server.transport.limits import Limits
from server.transport.persisted import PersistedDocuments
from server.transport.shielded import Shielded


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
        self,
        execution_context: ExecutionContext,
        extensions_runner: SchemaExtensionsRunner,
        middleware_manager: Any,
        execute_function: Callable[..., Any],
        custom_context_kwargs: dict[str, Any],
    ) -> Any:
        """Execute a query or a mutation for `stream`."""
        execute_operation = super()._execute_operation
        node = execution_context.graphql_document
        if node and asks_the_schema(node, execution_context.operation_name):
            execute_function = partial(asyncio.to_thread, execute_function)

        async def execute() -> Any:
            return await execute_operation(
                execution_context,
                extensions_runner,
                middleware_manager,
                execute_function,
                custom_context_kwargs,
            )

        if execution_context.operation_type is not OperationType.MUTATION:
            return await execute()
        return await self.shielded.run(execute)

    async def _answer(self, execution: ExecutionContext) -> ExecutionResult:
        assert execution.graphql_document is not None
        execute_it = partial(
            execute,
            self._schema,
            execution.graphql_document,
            root_value=execution.root_value,
            context_value=execution.context,
            variable_values=execution.variables,
            operation_name=execution.operation_name,
            executor_class=self.execution_context_class,
            is_awaitable=cast("Any", optimized_is_awaitable),
        )
        if asks_the_schema(execution.graphql_document, execution.operation_name):
            done = await asyncio.to_thread(execute_it)  # all types take a tenth of a second
        else:
            done = execute_it()
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
            if not self.persisted.allows(text) and not context.may_ask_anything:
                await context.hold(self.documents.refusal_cost)
                message = "This server answers registered documents only."
                return [coded(message, Code.DOCUMENT_NOT_REGISTERED)]
            if self.documents.are_sound(text):
                found = self._check(execution, self.documents.parsed(text))
                if found.errors:
                    await context.hold(self.documents.refusal_cost)
            else:
                await context.hold(self.documents.refusal_cost)
                async with self.documents.turn(context.is_known):
                    found = await self._look(execution, text)
                    self.documents.settle(text)
            if found.errors:
                return found.errors
            execution.extensions_results.update(await context.admit(found.cost) or {})
            if found.document is not None:
                context.permit(found.document, execution._provided_operation_name)
        except PigeonholeError as error:
            return [refusal(error)]
        return []

    async def _look(self, execution: ExecutionContext, text: str) -> Finding:
        """Parse and check a document that is new, in threads: a large one takes long."""
        try:
            document = await self.documents.parsed_aside(text)
        except GraphQLError as error:
            return refused(error)
        return await asyncio.to_thread(self._check, execution, document)

    def _check(self, execution: ExecutionContext, document: Document) -> Finding:
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
