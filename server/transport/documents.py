"""Documents, parsed, measured and validated once, and cached."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLSchema,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from graphql.language import DocumentNode, FieldNode, OperationDefinitionNode
from strawberry.types.graphql import OperationType

from server.transport.codes import Code
from server.transport.errors import coded, limit_error
from server.transport.kept import Kept
from server.transport.limits import Limits
from server.transport.measuring import Measure, Size, refuse_size
from server.transport.nulls import NullsRule, null_errors, uses_of
from server.transport.numbers import WritableNumbersRule
from server.transport.turns import Turns

RULES = (
    *specified_rules,
    WritableNumbersRule,
    NullsRule,
)
SCHEMA_FIELDS = frozenset({"__schema", "__type"})
MOST_ERRORS = 10
"""Errors after which validation stops: each may take a millisecond, for suggestions."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The cost and use of a document, and the errors if it is refused."""

    cost: int
    introspects: bool
    errors: list[GraphQLError]
    document: "Document | None" = None


def refused(error: GraphQLError) -> Finding:
    """Return the finding for a document that is refused unseen."""
    return Finding(0, False, [error])


class Document:
    """A parsed document, with cached results about it."""

    def __init__(self, node: DocumentNode, schema: GraphQLSchema, limits: Limits) -> None:
        self.node = node
        self.schema = schema
        self.notes: dict[object, Any] = {}
        """Results of other modules about the document, by name; kept with it."""
        self._limits = limits
        self._operations = [
            definition
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        ]
        self._paging_variables: frozenset[str] | None = None
        self._measured = Finding(0, False, [])
        self._invalid: list[GraphQLError] | None = None
        self._uses: list[tuple[str, str]] | None = None

    @property
    def is_sound(self) -> bool:
        """Whether the document has been validated and is valid."""
        return self._invalid == []

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """Return the operation that a request means; None if ambiguous or missing."""
        if name is None:
            return self._operations[0] if len(self._operations) == 1 else None
        return next(
            (found for found in self._operations if found.name and found.name.value == name), None
        )

    def first_field(self, name: str | None) -> str:
        """Return the first root field of an operation; empty where a fragment comes first."""
        operation = self.operation(name)
        first = operation.selection_set.selections[0] if operation else None
        return first.name.value if isinstance(first, FieldNode) else ""

    def kind(self, name: str | None) -> OperationType | None:
        """Return whether the operation is a query, a mutation or a subscription."""
        operation = self.operation(name)
        return OperationType(operation.operation.value) if operation else None

    def check(self, name: str | None, variables: Mapping[str, object]) -> Finding:
        """Measure and validate the document, once each unless variables matter."""
        found = self._measure(variables)
        errors = found.errors
        if not errors and self.operation(name) is None:
            errors = [unclear(name, len(self._operations))]
        errors = errors or self._validate() or self._null_errors(name, variables)
        return Finding(found.cost, found.introspects, list(errors), self)

    def _measure(self, variables: Mapping[str, object]) -> Finding:
        if self._paging_variables is not None and not self._paging_variables:
            return self._measured
        measure = Measure(self.schema, self.node, self._limits, variables)
        errors: list[GraphQLError] = []
        sizes: list[Size] = []
        try:
            sizes = [measure.operation(operation) for operation in self._operations]
            errors = [error for size in sizes for error in refuse_size(size, self._limits)]
        except RecursionError:
            most = self._limits.depth
            message = f"The document nests fields too deep; at most {most} is allowed."
            errors = [limit_error("depth", most, None, message)]
        self._paging_variables = frozenset(measure.paging_variables)
        self._measured = Finding(
            max((size.cost for size in sizes), default=0),
            any(size.introspection for size in sizes),
            errors,
        )
        return self._measured

    def _null_errors(self, name: str | None, variables: Mapping[str, object]) -> list[GraphQLError]:
        operation = self.operation(name)
        if operation is None or not operation.variable_definitions:
            return []
        if self._uses is None:
            self._uses = uses_of(self.schema, self.node)
        found = null_errors(self.schema, operation, self._uses, variables)
        return list(islice(found, MOST_ERRORS))

    def _validate(self) -> list[GraphQLError]:
        if self._invalid is None:
            self._invalid = validate(self.schema, self.node, RULES, max_errors=MOST_ERRORS)
            for error in self._invalid:
                error.extensions = {
                    **(error.extensions or {}),
                    "code": Code.GRAPHQL_VALIDATION_FAILED,
                }
        return self._invalid


def asks_the_schema(node: DocumentNode, name: str | None) -> bool:
    """Return whether an operation only asks about the schema, so that nothing of it is async."""
    operation = get_operation_ast(node, name)
    names = {
        selection.name.value if isinstance(selection, FieldNode) else ""
        for selection in (operation.selection_set.selections if operation else ())
    }
    return bool(names & SCHEMA_FIELDS) and names <= {*SCHEMA_FIELDS, "__typename"}


def unclear(name: str | None, count: int) -> GraphQLError:
    """Return the error for a request that does not name one of ``count`` operations."""
    if name is not None:
        message = f'Unknown operation named "{name}".'
    elif count:
        message = "The document has several operations; say which by `operationName`."
    else:
        message = "The document has no operation."
    return coded(message, Code.OPERATION_RESOLUTION_FAILURE)


class Documents:
    """A cache of valid documents by their text, and turns for the validation of others.

    Parsing and validating a document takes milliseconds; a large one takes many. So this is done in
    a thread, new documents wait for each other, and only valid ones are kept.
    """

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._longest = limits.document_characters
        self._kept: Kept[Document] = Kept(limits.cached_documents, limits.cached_characters)
        # Documents that were parsed to find the possible response types, before validation.
        self._new: Kept[Document] = Kept(limits.looks_waiting, limits.cached_characters)
        self._turns = {
            True: Turns(limits.looks, limits.looks_waiting),
            False: Turns(limits.strangers_looks, limits.looks_waiting),
        }
        self.refusal_cost = limits.refusal_cost
        self._options: dict[str, Any] = {
            "max_lexical_tokens": limits.document_tokens,
            "max_comments": limits.document_tokens,
            "max_source_length": limits.document_characters,
        }

    def are_sound(self, text: str) -> bool:
        """Return whether the document is known to be valid, so that checking it costs nothing."""
        return len(text) <= self._longest and self._kept.get(text) is not None

    def turn(self, is_known: bool) -> AbstractAsyncContextManager[None]:
        """Wait for a turn to validate a new document, of a known or unknown caller.

        Raises:
            RateLimitedError: Too many documents are waiting.
        """
        return self._turns[is_known].turn()

    def parsed(self, text: str) -> Document:
        """Return the parsed document of a text.

        Raises:
            GraphQLError: The text is not a document, or is too long.
        """
        document = self._known(text)
        if document is None:
            document = self._parse(text)
            self._new.put(text, document, len(text))
        return document

    async def parsed_aside(self, text: str) -> Document:
        """Return the same as `parsed`, but parse in a thread, for a text may take long.

        Raises:
            GraphQLError: The text is not a document, or is too long.
        """
        document = self._known(text)
        if document is None:
            document = await asyncio.to_thread(self._parse, text)
            self._new.put(text, document, len(text))
        return document

    def _known(self, text: str) -> Document | None:
        return self._kept.get(text) or self._new.get(text)

    def _parse(self, text: str) -> Document:
        return Document(parse(text, **self._options), self._schema, self._limits)

    def settle(self, text: str) -> None:
        """Keep a document that was just validated if it is valid; otherwise drop it."""
        document = self._new.pop(text)
        if document is not None and document.is_sound:
            self._kept.put(text, document, len(text))
