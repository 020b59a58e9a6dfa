"""The schema, put together."""

from collections.abc import Callable
from typing import TypeVar

import strawberry
from graphql import GraphQLInputObjectType
from strawberry.printer import print_schema as to_sdl
from strawberry.schema.config import StrawberryConfig

from server.api import enums  # noqa: F401 - describes the domain's enums, which types name
from server.api.mutations.acceptance import AcceptanceMutations
from server.api.mutations.annotations import AnnotationMutations
from server.api.mutations.api_keys import ApiKeyMutations
from server.api.mutations.encoders import EncoderMutations
from server.api.mutations.functions import FunctionMutations
from server.api.mutations.invocations import InvocationMutations
from server.api.mutations.labels import LabelMutations
from server.api.mutations.samples import SampleMutations
from server.api.mutations.training import TrainingMutations
from server.api.mutations.trash import TrashMutations
from server.api.mutations.webhooks import WebhookMutations
from server.api.query import Query
from server.api.scalars import SCALARS
from server.api.subscription import Subscription

T = TypeVar("T")


@strawberry.type(
    description="Changes the state of the project. Each mutation takes one `input` and returns "
    "one payload. Errors that the caller can correct are data in the payload's "
    "`errors`; all others are top-level errors with `extensions.code`. A query that "
    "follows a mutation sees its changes."
)
class Mutation(
    FunctionMutations,
    LabelMutations,
    SampleMutations,
    TrashMutations,
    AnnotationMutations,
    AcceptanceMutations,
    TrainingMutations,
    EncoderMutations,
    InvocationMutations,
    ApiKeyMutations,
    WebhookMutations,
):
    pass


def constant(value: T) -> Callable[..., T]:
    """Return a function that returns a value, whatever its arguments."""
    return lambda **_: value


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map=SCALARS),
)

for _type in schema._schema.type_map.values():
    if isinstance(_type, GraphQLInputObjectType):
        _definition = _type.extensions["strawberry-definition"]
        # Strawberry checks oneOf inputs when it calls the resolver, too late for a request error.
        # graphql-core checks them with all other values, if this is set.
        _type.is_one_of = _definition.is_one_of
        for _field in _definition.fields:
            # Strawberry finds both again for each value, half of the time that a batch takes.
            _field.graphql_name = schema.config.name_converter.from_field(_field)
            _field.resolve_type = constant(_field.resolve_type(type_definition=_definition))


def print_schema() -> str:
    """Return the schema in GraphQL's own language, as in ``schema.graphql``."""
    return to_sdl(schema) + "\n"
