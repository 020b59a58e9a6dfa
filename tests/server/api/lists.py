"""Helpers to list a function's samples."""

from typing import Any

from pigeonhole.tables import Function, Sample
from server import ids
from tests.client import Client, Json

PAGE = """query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String,
                 $filter: SampleFilter, $orderBy: SampleOrder, $skip: Int! = 0) {
  function(id: $id) { samples(first: $first, after: $after, last: $last, before: $before,
                              filter: $filter, orderBy: $orderBy, skip: $skip) {
    totalCount nodes { id externalId } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


async def page(client: Client, function: Function, **variables: Any) -> Json:
    data = await client.ask(PAGE, id=ids.encode(ids.Kind.FUNCTION, function.id), **variables)
    found: Json = data["function"]["samples"]
    return found


def names(page: Json) -> list[str]:
    return [node["externalId"] for node in page["nodes"]]


async def rows(function: Function, *columns: dict[str, Any]) -> list[Sample]:
    """Create samples without pictures, named by letters, with the given columns."""
    made = []
    for letter, given in zip("abcdefgh", columns, strict=False):
        sha256 = letter * 64
        made.append(
            await Sample.create(
                function_id=function.id, external_id=letter, sha256=sha256,
                media_type="image/png", width=1, height=1, byte_size=1, **given,
            )
        )  # fmt: skip
    return made
