"""The parameters of a GraphQL request, checked."""

from starlette.types import Scope
from strawberry.http import GraphQLRequestData

from server.transport.codes import Code
from server.transport.errors import RequestError
from server.transport.limits import Limits
from server.transport.persisted import PersistedDocuments


def check_count_of(scope: Scope, limits: Limits) -> None:
    """Refuse a URL with too many parameters before they are parsed.

    Raises:
        RequestError: It has more than `query_parameters`.
    """
    most, found = limits.query_parameters, scope["query_string"].count(b"&") + 1
    if found > most:
        raise RequestError(
            400,
            f"The URL has {found} parameters; at most {most} are allowed.",
            code=Code.LIMIT_EXCEEDED,
            extensions={"limit": "query_parameters", "most": most, "found": found},
        )


def read_parameters(
    data: object, limits: Limits, persisted: PersistedDocuments, caller: str
) -> GraphQLRequestData | list[GraphQLRequestData]:
    """Return one operation's parameters, or those of a batch.

    Raises:
        RequestError: One has the wrong type, the document is missing, or batches are too long.
    """
    if not isinstance(data, list):
        return _one(data, persisted, caller)
    if limits.batch_operations == 0:
        raise _bad("A body that is an array asks for several operations; send them one by one.")
    if not data:
        raise _bad("The array has no operation.")
    if len(data) > limits.batch_operations:
        raise RequestError(
            400,
            f"The array has {len(data)} operations; at most {limits.batch_operations} are allowed.",
            code=Code.LIMIT_EXCEEDED,
            extensions={
                "limit": "batch_operations",
                "most": limits.batch_operations,
                "found": len(data),
            },
        )
    return [_one(item, persisted, caller) for item in data]


def _one(data: object, persisted: PersistedDocuments, caller: str) -> GraphQLRequestData:
    if not isinstance(data, dict):
        raise _bad("A request must be an object with the field `query`.")
    query = data.get("query")
    name = data.get("operationName")
    variables = data.get("variables")
    extensions = data.get("extensions")
    if not isinstance(query, str | None):
        raise _bad("`query` must be a string.")
    if not isinstance(name, str | None):
        raise _bad("`operationName` must be a string.")
    if not isinstance(variables, dict | None):
        raise _bad("`variables` must be an object.")
    if not isinstance(extensions, dict | None):
        raise _bad("`extensions` must be an object.")
    text = persisted.text(query, extensions, caller)
    if not text:
        raise _bad("The request has no `query`.")
    # Some clients send an empty name instead of none.
    return GraphQLRequestData(text, variables, name or None, extensions)


def _bad(message: str) -> RequestError:
    return RequestError(400, message)
