"""Documents, parsed, measured and validated once and kept while they are used."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, cast

from graphql import GraphQLError, GraphQLSchema, parse, specified_rules
from graphql.language import DocumentNode, OperationDefinitionNode
from strawberry.schema.schema import validate_document
from strawberry.types.execution import ParseOptions
from strawberry.types.graphql import OperationType

from server.transport.errors import UNKNOWN_OPERATION, VALIDATION_FAILED, limit_error
from server.transport.limits import Limits
from server.transport.measuring import Measure, Size, refuse_size


class Document:
    """A parsed document, with what was found out about it."""

    def __init__(self, node: DocumentNode, schema: GraphQLSchema, limits: Limits) -> None:
        self.node = node
        self._schema = schema
        self._limits = limits
        self._operations = [
            definition
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        ]
        self._paging_variables: frozenset[str] | None = None
        self._measured: tuple[int, list[GraphQLError]] = (0, [])
        self._invalid: list[GraphQLError] | None = None

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

    def check(
        self, name: str | None, variables: Mapping[str, object]
    ) -> tuple[int, list[GraphQLError]]:
        """The document's estimated cost, and why it is refused, if it is."""
        cost, errors = self._measure(variables)
        if not errors:
            errors = self._validate()
        if not errors and self.operation(name) is None:
            errors = [unclear(name)]
        return cost, list(errors)

    def _measure(self, variables: Mapping[str, object]) -> tuple[int, list[GraphQLError]]:
        if self._paging_variables is not None and not self._paging_variables:
            return self._measured
        measure = Measure(self._schema, self.node, self._limits, variables)
        errors: list[GraphQLError] = []
        cost = 0
        try:
            for operation in self._operations:
                size: Size = measure.operation(operation)
                errors += refuse_size(size, self._limits)
                cost = max(cost, size.cost)
        except RecursionError:
            most = self._limits.depth
            message = f"The document nests fields too deep; at most {most} is allowed."
            errors = [limit_error("depth", most, None, message)]
        self._paging_variables = frozenset(measure.paging_variables)
        self._measured = (cost, errors)
        return self._measured

    def _validate(self) -> list[GraphQLError]:
        if self._invalid is None:
            self._invalid = validate_document(self._schema, self.node, tuple(specified_rules))
            for error in self._invalid:
                error.extensions = {**(error.extensions or {}), "code": VALIDATION_FAILED}
        return self._invalid


def unclear(name: str | None) -> GraphQLError:
    """Say that a request does not tell which operation it means."""
    message = (
        "The document has several operations; say which by `operationName`."
        if name is None
        else f'Unknown operation named "{name}".'
    )
    return GraphQLError(message, extensions={"code": UNKNOWN_OPERATION})


class Documents:
    """The documents last used, by their text; a document that does not parse is not kept."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._options: dict[str, Any] = {
            "max_lexical_tokens": limits.document_tokens,
            "max_comments": limits.document_tokens,
            "max_source_length": limits.document_characters,
        }

    @property
    def parse_options(self) -> ParseOptions:
        """What graphql-core's parser must refuse on its own."""
        # ParseOptions names only the deprecated `max_tokens`; all of it is passed to `parse`.
        return cast("ParseOptions", self._options)

    def parsed(self, text: str) -> Document:
        """Give the document of this text.

        Raises:
            GraphQLError: It is no document, or a longer one than is allowed.
        """
        document = self._kept.get(text)
        if document is None:
            document = Document(parse(text, **self._options), self._schema, self._limits)
            self._kept[text] = document
            if len(self._kept) > self._limits.cached_documents:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(text)
        return document
