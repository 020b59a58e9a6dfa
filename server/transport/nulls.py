"""Nulls of fields that may be left out, but not be null.

The type system of GraphQL has no such fields: what may be left out may be null. An update that is
told null where a value cannot be removed is refused here, by the name of the field, before any of
it is executed. Strawberry would raise an error with the names of Python's types.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLType,
    TypeInfo,
    TypeInfoVisitor,
    ValidationRule,
    get_named_type,
    type_from_ast,
)
from graphql.language import (
    DocumentNode,
    NullValueNode,
    ObjectFieldNode,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from strawberry.types.base import StrawberryMaybe, StrawberryOptional
from strawberry.utils.str_converters import to_camel_case

from server.transport.codes import Code

ADVICE = "must not be null. Leave it out to keep what is set."


class NullsRule(ValidationRule):
    """A null in a document must stand where a value can be removed."""

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        """Check a field of an input."""
        field = _coordinate(self.context.get_parent_input_type(), node)
        if field is not None and isinstance(node.value, NullValueNode):
            self.report_error(GraphQLError(f'Field "{field}" {ADVICE}', node))


def uses_of(schema: GraphQLSchema, document: DocumentNode) -> list[tuple[str, str]]:
    """Return the variables that stand for fields which must not be null, each with its field."""
    uses = _Uses(schema)
    visit(document, TypeInfoVisitor(uses.info, uses))
    return uses.found


def null_errors(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    uses: Sequence[tuple[str, str]],
    variables: Mapping[str, object],
) -> Iterator[GraphQLError]:
    """Yield an error for each null of the variables that stands where none may.

    Args:
        schema: The schema.
        operation: The operation of a valid document.
        uses: What `uses_of` says of the document.
        variables: What the caller gives, not coerced yet.
    """
    are_null = set()
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        type = type_from_ast(schema, definition.type)
        is_by_default = isinstance(definition.default_value, NullValueNode)
        if variables.get(name) is None and (name in variables or is_by_default):
            are_null.add(name)
        elif type is not None and _can_hold(get_named_type(type)):
            for way, field in _nulls(variables.get(name), type):
                yield _error(f'Variable "${name}" has invalid value at {way}: "{field}" {ADVICE}')
    for name, field in uses:
        if name in are_null:
            yield _error(f'Variable "${name}" has invalid value: "{field}" {ADVICE}')


def _error(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": Code.BAD_USER_INPUT})


class _Uses(Visitor):
    """Finds variables that stand for fields which must not be null."""

    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__()
        self.info = TypeInfo(schema)
        self.found: list[tuple[str, str]] = []

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        """Note a field whose value is a variable."""
        field = _coordinate(self.info.get_parent_input_type(), node)
        if field is not None and isinstance(node.value, VariableNode):
            self.found.append((node.value.name.value, field))


def _coordinate(parent: object, node: ObjectFieldNode) -> str | None:
    """Name a field that must not be null by its type; None for others."""
    type = get_named_type(parent)  # type: ignore[call-overload] # None gives None
    if not isinstance(type, GraphQLInputObjectType) or node.name.value not in _never_null(type):
        return None
    return f"{type.name}.{node.name.value}"


def _nulls(value: object, type: GraphQLType, way: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(type, GraphQLNonNull):
        type = type.of_type
    if isinstance(type, GraphQLList) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nulls(item, type.of_type, f"{way}[{index}]")
    elif isinstance(type, GraphQLInputObjectType) and isinstance(value, Mapping):
        for name, item in value.items():
            if item is None and name in _never_null(type):
                yield f"{way}.{name}", f"{type.name}.{name}"
            elif name in type.fields:
                yield from _nulls(item, type.fields[name].type, f"{way}.{name}")


@cache
def _can_hold(type: object) -> bool:
    """Whether values of a type can have a field that must not be null."""
    todo, seen = [type], set()
    while todo:
        one = todo.pop()
        if not isinstance(one, GraphQLInputObjectType) or one in seen:
            continue
        if _never_null(one):
            return True
        seen.add(one)
        todo.extend(get_named_type(field.type) for field in one.fields.values())
    return False


@cache
def _never_null(type: GraphQLInputObjectType) -> frozenset[str]:
    """Return the fields that may be left out and must not be null.

    Those of a choice of one are graphql-core's to check.
    """
    definition = type.extensions.get("strawberry-definition")
    if definition is None or type.is_one_of:
        return frozenset()
    return frozenset(
        field.graphql_name or to_camel_case(field.python_name)
        for field in definition.fields
        if isinstance(field.type, StrawberryMaybe)
        and not isinstance(field.type.of_type, StrawberryOptional)
    )
