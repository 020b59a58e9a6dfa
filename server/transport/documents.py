"""Documents, parsed, measured and validated once and kept while they are used."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLSchema, parse, specified_rules, validate
from graphql.language import DocumentNode, OperationDefinitionNode
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types.graphql import OperationType

from server.transport.errors import UNKNOWN_OPERATION, VALIDATION_FAILED, coded, limit_error
from server.transport.kept import Kept
from server.transport.limits import Limits
from server.transport.measuring import Measure, Size, refuse_size
from server.transport.numbers import WritableNumbersRule
from server.transport.turns import Turns

RULES = (
    *specified_rules,
    WritableNumbersRule,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)
MOST_ERRORS = 10
"""After which validation ends: each may take a millisecond, to find what was meant."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a document asks for, and why it is refused, if it is."""

    cost: int
    introspects: bool
    errors: list[GraphQLError]
    document: "Document | None" = None


def refused(error: GraphQLError) -> Finding:
    """What is found of a document that is refused unseen."""
    return Finding(0, False, [error])


class Document:
    """A parsed document, with what was found out about it."""

    def __init__(self, node: DocumentNode, schema: GraphQLSchema, limits: Limits) -> None:
        self.node = node
        self.schema = schema
        self.notes: dict[object, Any] = {}
        """What others found out about it, by names of theirs; kept for as long as it is."""
        self._limits = limits
        self._operations = [
            definition
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        ]
        self._paging_variables: frozenset[str] | None = None
        self._measured = Finding(0, False, [])
        self._invalid: list[GraphQLError] | None = None

    @property
    def is_sound(self) -> bool:
        """Whether it was validated, and is valid."""
        return self._invalid == []

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation that a request means; None where it is unclear or absent."""
        if name is None:
            return self._operations[0] if len(self._operations) == 1 else None
        return next(
            (found for found in self._operations if found.name and found.name.value == name), None
        )

    def kind(self, name: str | None) -> OperationType | None:
        """Whether the operation is a query, a mutation or a subscription."""
        operation = self.operation(name)
        return OperationType(operation.operation.value) if operation else None

    def check(self, name: str | None, variables: Mapping[str, object]) -> Finding:
        """Measure and validate, each at most once where the variables do not matter."""
        found = self._measure(variables)
        errors = found.errors
        if not errors and self.operation(name) is None:
            errors = [unclear(name, len(self._operations))]
        errors = errors or self._validate()
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

    def _validate(self) -> list[GraphQLError]:
        if self._invalid is None:
            self._invalid = validate(self.schema, self.node, RULES, max_errors=MOST_ERRORS)
            for error in self._invalid:
                error.extensions = {**(error.extensions or {}), "code": VALIDATION_FAILED}
        return self._invalid


def unclear(name: str | None, count: int) -> GraphQLError:
    """Say that a request does not tell which of ``count`` operations it means."""
    if name is not None:
        message = f'Unknown operation named "{name}".'
    elif count:
        message = "The document has several operations; say which by `operationName`."
    else:
        message = "The document has no operation."
    return coded(message, UNKNOWN_OPERATION)


class Documents:
    """The valid documents last used, by their text, and the turns at looking at others.

    Looking at a document takes milliseconds in which nothing else is answered, many of them for a
    large one. So new ones wait for each other, and are not kept unless they are valid.
    """

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: Kept[Document] = Kept(limits.cached_documents, limits.cached_characters)
        # Parsed to see how they can be answered, and about to be checked.
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
        """Whether the document of this text is known to be valid: looking at it costs nothing."""
        return self._kept.get(text) is not None

    def turn(self, is_known: bool) -> AbstractAsyncContextManager[None]:
        """Wait for a turn to look at a document that is new, of a caller that is known or not.

        Raises:
            RateLimitedError: Too many wait.
        """
        return self._turns[is_known].turn()

    def parsed(self, text: str) -> Document:
        """Give the document of this text.

        Raises:
            GraphQLError: It is no document, or a longer one than is allowed.
        """
        document = self._kept.get(text) or self._new.get(text)
        if document is None:
            document = Document(parse(text, **self._options), self._schema, self._limits)
            self._new.put(text, document, len(text))
        return document

    def settle(self, text: str) -> None:
        """After a look at a new document: keep it if it is valid, else let go of it."""
        document = self._new.pop(text)
        if document is not None and document.is_sound:
            self._kept.put(text, document, len(text))
