"""The schema is printed, described, and limits the size of every list."""

from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    is_specified_directive,
    is_specified_scalar_type,
)

from server.api.schema import print_schema

ROOT = Path(__file__).parents[3]
BOUNDED = {
    "ApiKey.functions",
    "Backlog.work",
    "Backlog.workers",
    "ConfusionMatrix.labels",
    "Function.quizSamples",
    "Metrics.labels",
    "Metrics.mixUps",
    "Monitoring.captures",
    "Monitoring.labels",
    "Monitoring.periods",
    "NearDuplicateGroup.samples",
    "Prediction.evidence",
    "Invocation.lookedAt",
    "LabelingAdvice.labels",
    "Prediction.ranking",
    "Prediction.set",
    "Query.encoders",
    "Query.nodes",
    "Sample.lookedAt",
    "Sample.nearDuplicates",
}
"""Lists that are limited by an argument, a batch, the number of labels or the parts of an image."""


def read() -> GraphQLSchema:
    return build_schema(print_schema())


def fields(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField]]:
    """Return the fields of output types, by their coordinates."""
    for name, type in schema.type_map.items():
        if isinstance(type, GraphQLObjectType | GraphQLInterfaceType) and name[:2] != "__":
            for field, definition in type.fields.items():
                yield f"{name}.{field}", definition


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    for name, type in schema.type_map.items():
        if name[:2] == "__" or is_specified_scalar_type(type):
            continue
        if not type.description:
            yield name
        if isinstance(type, GraphQLEnumType):
            for value, enum_value in type.values.items():
                if not enum_value.description:
                    yield f"{name}.{value}"
        if isinstance(type, GraphQLInputObjectType):
            for field, input_field in type.fields.items():
                if not input_field.description:
                    yield f"{name}.{field}"
    for coordinate, definition in fields(schema):
        if not definition.description:
            yield coordinate
        for argument, given in definition.args.items():
            if not given.description and argument != "input":
                yield f"{coordinate}({argument}:)"
    for directive in schema.directives:
        if not is_specified_directive(directive) and not directive.description:
            yield f"@{directive.name}"


def test_the_printed_schema_is_up_to_date() -> None:
    assert (ROOT / "schema.graphql").read_text() == print_schema()


def test_everything_in_the_schema_has_a_description() -> None:
    assert list(undescribed(read())) == []


def test_every_list_that_can_grow_is_a_connection() -> None:
    lists = {
        coordinate
        for coordinate, definition in fields(read())
        if is_list_type(get_nullable_type(definition.type))
        and is_composite_type(get_named_type(definition.type))
        and not coordinate.split(".")[0].endswith(("Connection", "Payload"))
    }

    assert lists == BOUNDED


def test_every_mutation_takes_one_input_and_returns_its_own_payload_with_errors() -> None:
    mutation = read().mutation_type
    assert mutation is not None

    for name, definition in mutation.fields.items():
        pascal = name[0].upper() + name[1:]
        payload = get_nullable_type(definition.type)
        assert [(key, str(given.type)) for key, given in definition.args.items()] == [
            ("input", f"{pascal}Input!")
        ]
        assert str(definition.type) == f"{pascal}Payload!"
        assert isinstance(payload, GraphQLObjectType)
        assert str(payload.fields["errors"].type) == "[UserError!]!"
