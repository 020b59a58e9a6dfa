"""The schema, put together."""

import strawberry
from graphql import GraphQLInputObjectType
from strawberry.printer import print_schema as to_sdl
from strawberry.schema.config import StrawberryConfig

from server.api import enums  # noqa: F401 - describes the domain's enums, which types name
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
    TrainingMutations,
    EncoderMutations,
    InvocationMutations,
    ApiKeyMutations,
    WebhookMutations,
):
    pass


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map=SCALARS),
)

for _type in schema._schema.type_map.values():
    # Strawberry checks oneOf inputs when it calls the resolver, too late for a request error.
    # graphql-core checks them with all other values, if this is set.
    if isinstance(_type, GraphQLInputObjectType):
        _type.is_one_of = _type.extensions["strawberry-definition"].is_one_of


def print_schema() -> str:
    """Return the schema in GraphQL's own language, as in ``schema.graphql``."""
    return to_sdl(schema) + "\n"
