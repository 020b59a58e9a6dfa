"""The schema, put together."""

import strawberry
from strawberry.printer import print_schema as to_sdl
from strawberry.schema.config import StrawberryConfig

from server import enums  # noqa: F401 - describes the domain's enums, which types name
from server.mutations.api_keys import ApiKeyMutations
from server.mutations.functions import FunctionMutations
from server.mutations.invocations import InvocationMutations
from server.mutations.labels import LabelMutations
from server.mutations.samples import SampleMutations
from server.mutations.training import TrainingMutations
from server.query import Query
from server.scalars import SCALARS
from server.subscription import Subscription


@strawberry.type(
    description="Each takes one `input` and answers one payload. What the caller can put right "
    "comes back as data in `errors`; what the caller cannot is a top-level error with "
    "`extensions.code`. What a mutation wrote, the next query reads."
)
class Mutation(
    FunctionMutations,
    LabelMutations,
    SampleMutations,
    TrainingMutations,
    InvocationMutations,
    ApiKeyMutations,
):
    pass


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map=SCALARS),
)


def print_schema() -> str:
    """The schema in GraphQL's own language, as it stands in ``schema.graphql``."""
    return to_sdl(schema) + "\n"
