"""Every argument of the schema and every field within it, with values that must be refused."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from server.api.schema import schema as served

SCHEMA = served._schema

VALUES: dict[str, Any] = {
    "ID": "fn_" + "0" * 32,
    "String": "text",
    "Int": 1,
    "Float": 0.5,
    "Boolean": True,
    "DateTime": "2026-01-01T00:00:00Z",
    "URL": "https://example.org/",
    "JSON": {},
    "Upload": None,
}

WRONG: dict[str, list[Any]] = {
    "ID": [{"a": 1}, True, 1.5],
    "String": [1, {"a": 1}, ["a", "b"]],
    "Int": ["1", 1.5, 2**40, {"a": 1}],
    "Float": ["1", {"a": 1}],
    "Boolean": ["true", 1],
    "DateTime": ["yesterday", 5, {"a": 1}, "2026-01-01T00:00:00", "2026-99-01T00:00:00Z"],
    "URL": [{"a": 1}, 5, ["a", "b"]],
    "JSON": ["\0"],
    "Upload": ["text", {"a": 1}],
}


@dataclass(frozen=True)
class Place:
    """An argument of a field, or an input field within it, as a path through the value."""

    type: str  # the type that has the field
    field: str
    way: tuple[str, ...]
    of: GraphQLInputType

    def __str__(self) -> str:
        return ".".join((self.type, self.field, *self.way))


def places() -> Iterator[Place]:
    for type in SCHEMA.type_map.values():
        if not isinstance(type, GraphQLObjectType) or type.name.startswith("__"):
            continue
        for name, field in type.fields.items():
            for argument, given in field.args.items():
                yield from within(Place(type.name, name, (argument,), given.type), ())


def within(place: Place, above: tuple[GraphQLNamedType, ...]) -> Iterator[Place]:
    yield place
    type = get_named_type(place.of)
    if isinstance(type, GraphQLInputObjectType) and type not in above:
        for name, field in type.fields.items():
            below = Place(place.type, place.field, (*place.way, name), field.type)
            yield from within(below, (*above, type))


def value_of(type: Any, way: tuple[str, ...], at_end: Any) -> Any:
    """Return a valid value, except for ``at_end`` at the end of a path."""
    if not way and at_end is not ...:
        return at_end
    type = get_nullable_type(type)
    if isinstance(type, GraphQLList):
        return [value_of(type.of_type, way, at_end)]
    if isinstance(type, GraphQLEnumType):
        return next(iter(type.values))
    if isinstance(type, GraphQLScalarType):
        return VALUES[type.name]
    assert isinstance(type, GraphQLInputObjectType)
    given = {
        name: value_of(field.type, (), ...)
        for name, field in type.fields.items()
        if is_required_input_field(field) and not (way and name == way[0])
    }
    if way:
        given[way[0]] = value_of(type.fields[way[0]].type, way[1:], at_end)
    elif type.is_one_of:
        name = next(name for name in type.fields if name != "upload")
        given = {name: value_of(type.fields[name].type, (), ...)}
    return given


def wrong_values(type: Any) -> Iterator[Any]:
    """Yield invalid values for a type, and null, which some places allow."""
    yield None
    type = get_nullable_type(type)
    if isinstance(type, GraphQLList):
        yield from ([value] for value in wrong_values(type.of_type))
    elif isinstance(type, GraphQLEnumType):
        yield from ("NO_SUCH_VALUE", 1, {"a": 1}, next(iter(type.values)).lower())
    elif isinstance(type, GraphQLScalarType):
        yield from WRONG[type.name]
    elif isinstance(type, GraphQLInputObjectType):
        yield from ("text", 1, {"noSuchField": 1}, [[]])
        if type.is_one_of:
            first, second = list(type.fields)[-2:]
            pair = {name: value_of(type.fields[name].type, (), ...) for name in (first, second)}
            yield from ({}, pair, {**pair, second: None}, {first: None})


def selected(type: Any) -> str:
    named = get_named_type(type)
    if isinstance(named, GraphQLObjectType) and "errors" in named.fields:
        return " { errors { code message } }"
    return "" if is_leaf_type(named) else " { __typename }"


PATHS: dict[str, str] = {}


def paths() -> dict[str, str]:
    """Return a document for each object type, with ``%s`` in place of its fields."""
    if PATHS:
        return PATHS
    kinds = {"Query": "query", "Mutation": "mutation", "Subscription": "subscription"}
    todo = [(name, "%s") for name in kinds]
    while todo:
        name, around = todo.pop(0)
        if name in PATHS:
            continue
        PATHS[name] = around
        for field_name, field in SCHEMA.type_map[name].fields.items():  # type: ignore[attr-defined]
            target = get_named_type(field.type)
            given = {
                argument: value_of(one.type, (), ...)
                for argument, one in field.args.items()
                if is_required_argument(one)
            }
            call = field_name + arguments(field, given)
            if isinstance(target, GraphQLObjectType):
                todo.append((target.name, around % f"{call} {{ %s }}"))
            elif target.name == "Node" and name == "Query":
                for one in SCHEMA.get_possible_types(target):
                    todo.append((one.name, around % f"{call} {{ ... on {one.name} {{ %s }} }}"))
    return PATHS


def kind_of(document: str) -> str:
    """Return the kind of operation whose root type has the first field of a document."""
    first = document.split("(")[0].split(" ")[0]
    for name in ("Mutation", "Subscription"):
        if first in SCHEMA.type_map[name].fields:  # type: ignore[attr-defined]
            return name.lower()
    return "query"


def arguments(field: Any, given: dict[str, Any]) -> str:
    return f"({literal_fields(given, field.args)})" if given else ""


def literal_fields(given: dict[str, Any], types: dict[str, Any]) -> str:
    return ", ".join(
        f"{name}: {literal(value, types[name].type if name in types else None)}"
        for name, value in given.items()
    )


class Variable(str):
    """A variable's name, in place of a value."""


def literal(value: Any, type: Any) -> str:
    """Return a value in the syntax of documents."""
    if isinstance(value, Variable):
        return f"${value}"
    type = None if type is None else get_nullable_type(type)
    if isinstance(value, list):
        inner = type.of_type if isinstance(type, GraphQLList) else type
        return f"[{', '.join(literal(one, inner) for one in value)}]"
    named = None if type is None else get_named_type(type)
    if isinstance(value, dict):
        types = named.fields if isinstance(named, GraphQLInputObjectType) else {}
        return f"{{{literal_fields(value, types)}}}"
    if isinstance(named, GraphQLEnumType) and isinstance(value, str):
        return value
    return json.dumps(value)


def document_of(place: Place, argument_values: str) -> tuple[str, str]:
    """Return the kind of operation, and the selection of a field with these arguments."""
    field = SCHEMA.type_map[place.type].fields[place.field]  # type: ignore[attr-defined]
    selection = paths()[place.type] % f"{place.field}({argument_values}){selected(field.type)}"
    return kind_of(selection), selection


def given_at(place: Place, value: Any) -> dict[str, Any]:
    """Return all arguments of a field, with a value at a place within them."""
    field = SCHEMA.type_map[place.type].fields[place.field]  # type: ignore[attr-defined]
    others = {
        name: value_of(argument.type, (), ...)
        for name, argument in field.args.items()
        if is_required_argument(argument) and name != place.way[0]
    }
    return {**others, place.way[0]: value_of(field.args[place.way[0]].type, place.way[1:], value)}


ALL = {str(place): place for place in places()}


def requests(place: Place, *, short: bool = False) -> Iterator[tuple[Any, str, dict[str, Any]]]:
    """Yield requests with each wrong value as a variable, and in the document unless ``short``."""
    field = SCHEMA.type_map[place.type].fields[place.field]  # type: ignore[attr-defined]
    for value in wrong_values(place.of):
        given = given_at(place, value)
        if not short:
            kind, selection = document_of(place, literal_fields(given, field.args))
            yield value, f"{kind} {{ {selection} }}", {}
        declared = ", ".join(f"${name}: {field.args[name].type}" for name in given)
        kind, selection = document_of(place, ", ".join(f"{name}: ${name}" for name in given))
        yield value, f"{kind} ({declared}) {{ {selection} }}", given
    # A variable with a default may be used where null is not allowed, and yet be null.
    type: Any = get_nullable_type(place.of)
    if not short and get_named_type(type).name != "Upload":
        default = literal(value_of(type, (), ...), type)
        given = given_at(place, Variable("value"))
        kind, selection = document_of(place, literal_fields(given, field.args))
        yield None, f"{kind} ($value: {type} = {default}) {{ {selection} }}", {"value": None}
