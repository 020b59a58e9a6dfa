"""What fields cost beside those within them, as the schema says it."""

from collections.abc import Mapping

import strawberry
from graphql import GraphQLSchema, get_named_type
from graphql.language import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)
from graphql.type import GraphQLField, GraphQLNamedType
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

MS_A_POINT = 0.05
"""Milliseconds of one CPU core that a point pays for."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="Points that the field costs each time it is returned, in addition to those of "
    "the fields selected on it. `extensions.cost` reports the total. A point is 0.05 ms of "
    "measured CPU time. `perEntry` is added for each entry of the list argument `entries`. A "
    "field without the directive costs 1 point.",
)
class Cost:
    points: int = strawberry.directive_field(name="points")
    per_entry: int | None = strawberry.directive_field(name="perEntry", default=strawberry.UNSET)
    entries: str | None = strawberry.directive_field(name="entries", default=strawberry.UNSET)


def cost_of(field: GraphQLField) -> Cost | None:
    """What the schema says that a field costs; None where it says nothing."""
    definition = field.extensions.get("strawberry-definition")
    if isinstance(definition, StrawberryField):
        for directive in definition.directives or ():
            if isinstance(directive, Cost):
                return directive
    return None


def count_entries(
    value: object, path: list[str], variables: Mapping[str, object], used: set[str]
) -> int:
    """How many entries a list within an argument has; what is no list counts as one entry.

    ``value`` is of a document or of variables. The names of variables that matter are added to
    ``used``.
    """
    while isinstance(value, VariableNode):
        used.add(value.name.value)
        value = variables.get(value.name.value)
    if value is None:
        return 0
    if not path:
        if isinstance(value, ListValueNode):
            return len(value.values)
        return len(value) if isinstance(value, list | tuple) else 1
    name, *rest = path
    if isinstance(value, ObjectValueNode):
        inner: ValueNode | object = next(
            (field.value for field in value.fields if field.name.value == name), None
        )
    else:
        inner = value.get(name) if isinstance(value, Mapping) else None
    return count_entries(inner, rest, variables, used)


def points_of(
    schema: GraphQLSchema,
    fragments: Mapping[str, FragmentDefinitionNode],
    type: GraphQLNamedType | None,
    selected: SelectionSetNode | None,
    data: object,
) -> int:
    """Count the points of an answer by what it has, where a document can only be estimated."""
    if isinstance(data, list):
        return sum(points_of(schema, fragments, type, selected, each) for each in data)
    if not isinstance(data, Mapping) or selected is None:
        return 0
    points = 0
    for selection in selected.selections:
        if isinstance(selection, FieldNode):
            name = (selection.alias or selection.name).value
            field = getattr(type, "fields", {}).get(selection.name.value)
            if name in data and field is not None:
                cost = cost_of(field)
                of = get_named_type(field.type)
                points += cost.points if cost else 1
                points += points_of(schema, fragments, of, selection.selection_set, data[name])
            continue
        part: InlineFragmentNode | FragmentDefinitionNode
        if isinstance(selection, FragmentSpreadNode):
            part = fragments[selection.name.value]
        else:
            assert isinstance(selection, InlineFragmentNode)
            part = selection
        condition = part.type_condition
        named = schema.get_type(condition.name.value) if condition else type
        points += points_of(schema, fragments, named, part.selection_set, data)
    return points
