"""Execution of the events of subscriptions."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import GraphQLError
from strawberry.execution import optimized_is_awaitable

from pigeonhole.services.refusals import FIRST_WAIT_S, LONGEST_WAIT_S, refusal_of
from server.transport.context import OperationContext
from server.transport.costs import points_of
from server.transport.documents import MOST_ERRORS
from server.transport.errors import cause_of
from server.transport.lists import ListExecutor


class EventExecutor(ListExecutor):
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

    def build_per_event_executor(self, payload: Any) -> "EventExecutor":
        """Copy this executor for one event."""
        executor = cast("EventExecutor", super().build_per_event_executor(payload))
        context: OperationContext = self.context_value
        executor.context_value = context.fresh()
        executor.again = lambda: self.build_per_event_executor(payload)
        executor.whole = self
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
