"""Execution of operations that return long lists."""

from collections.abc import Iterable, Sized
from typing import Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from server.transport.context import OperationContext

LONG = 10
"""Entries above which a list is completed with breaks; an entry takes 0.1 ms or more."""


class ListExecutor(StrawberryGraphQLCoreExecutionContext):
    """Completes long lists with breaks.

    graphql-core completes a list in one go, which takes 20 ms for a page of 100 samples. The lists
    of an introspection are completed so: they are in a thread.
    """

    def complete_iterable_value(
        self,
        item_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        items: Iterable[Any],
        position_context: Any,
    ) -> Any:
        """Complete the entries of a list."""
        is_long = isinstance(items, Sized) and len(items) > LONG
        if not is_long or info.parent_type.name.startswith("__"):
            return super().complete_iterable_value(
                item_type, field_details_list, info, path, items, position_context
            )
        context: OperationContext = self.context_value
        entries = context.completion.entries(items)
        return self.complete_async_iterator_value(
            item_type, field_details_list, info, path, entries, position_context
        )
