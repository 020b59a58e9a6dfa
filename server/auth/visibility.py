"""Visibility of objects to callers.

All input IDs pass `find`: out-of-scope objects get the same NOT_FOUND as missing ones. Lists and
look-ups by name pass `visible`. Objects reached from a visible object belong to the same function.
"""

from collections.abc import Sequence
from uuid import UUID

from tortoise.queryset import QuerySet

from pigeonhole import tables
from pigeonhole.access.viewers import Viewer
from pigeonhole.errors import ForbiddenError
from pigeonhole.kinds import ApiKeyScope, FunctionVisibility
from server import ids

ROWS = {
    ids.Kind.LABEL: tables.Label,
    ids.Kind.SAMPLE: tables.Sample,
    ids.Kind.DELETED_SAMPLE: tables.DeletedSample,
    ids.Kind.ANNOTATION: tables.Sample,
    ids.Kind.TRAINING_RUN: tables.TrainingRun,
    ids.Kind.MODEL: tables.Model,
    ids.Kind.INVOCATION: tables.Invocation,
}
"""The columns that lead from an object to its function."""
FOR_ADMINS = frozenset(
    {
        ids.Kind.API_KEY,
        ids.Kind.AUDIT_ENTRY,
        ids.Kind.WEBHOOK,
        ids.Kind.WEBHOOK_DELIVERY,
    }
)
"""What only ADMIN keys see, which are never restricted to functions."""


async def find(viewer: Viewer, kind: ids.Kind, id: str, path: Sequence[str] = ()) -> UUID:
    """Return the row's ID that an ID of this kind names, if the caller may see its function.

    For a caller who may see everything nothing is read: reading the row tells if it exists.

    Raises:
        NotFoundError: It is not an ID of this kind, or the caller may not see the object.
    """
    [found] = await find_all(viewer, kind, [(id, path)])
    return found


async def find_all(
    viewer: Viewer, kind: ids.Kind, given: Sequence[tuple[str, Sequence[str]]]
) -> list[UUID]:
    """Do the same as `find` for many IDs, each with its path, in one query.

    Raises:
        NotFoundError: One is not an ID of this kind, or the caller may not see its object.
    """
    found = [ids.decode(kind, id, path) for id, path in given]
    seen = await _seen(viewer, kind, found)
    for id, (_, path) in zip(found, given, strict=True):
        if id not in seen:
            raise ids.not_found(kind, path)
    return found


async def find_invocable(viewer: Viewer, id: str, path: Sequence[str] = ()) -> tuple[UUID, bool]:
    """Return the function that a caller invokes, and whether only because it is public.

    Raises:
        NotFoundError: The caller may not see such a function.
        ForbiddenError: The caller may read the function but not invoke it.
    """
    function_id = ids.decode(ids.Kind.FUNCTION, id, path)
    seen = viewer.sees(function_id)
    if seen and viewer.may(ApiKeyScope.INVOKE):
        return function_id, False
    row = await tables.Function.get_or_none(id=function_id).only("visibility")
    if row is not None and row.visibility == FunctionVisibility.PUBLIC:
        return function_id, True
    if row is not None and seen and viewer.may(ApiKeyScope.READ):
        raise ForbiddenError("Mutation.invoke requires an API key with the scope INVOKE.")
    raise ids.not_found(ids.Kind.FUNCTION, path)


async def find_public(id: str) -> tables.Function:
    """Return a public function by its ID, for callers of whom nothing is known.

    Raises:
        NotFoundError: There is no such function, or it is private.
    """
    function_id = ids.decode(ids.Kind.FUNCTION, id)
    row = await tables.Function.get_or_none(id=function_id, visibility=FunctionVisibility.PUBLIC)
    if row is None:
        raise ids.not_found(ids.Kind.FUNCTION, ())
    return row


async def exists(viewer: Viewer, kind: ids.Kind, id: UUID) -> bool:
    """Return whether a caller may see an object, if it exists."""
    return id in await _seen(viewer, kind, [id])


def visible(viewer: Viewer, query: QuerySet[tables.Function]) -> QuerySet[tables.Function]:
    """Return the functions of a query that a caller may see."""
    only = viewer.restricted_to
    return query if only is None else query.filter(id__in=list(only))


async def _seen(viewer: Viewer, kind: ids.Kind, found: Sequence[UUID]) -> set[UUID]:
    """Return the rows that a caller may see."""
    if kind is ids.Kind.FUNCTION:
        return {id for id in found if viewer.sees(id)}
    if not viewer.may(ApiKeyScope.ADMIN if kind in FOR_ADMINS else ApiKeyScope.READ):
        return set()
    if viewer.restricted_to is None:
        return set(found)
    rows = ROWS[kind].filter(id__in=list(found), function_id__in=list(viewer.restricted_to))
    return {row.pk for row in await rows.only("id")}


def refuse_restricted(viewer: Viewer) -> None:
    """Prevent a key that is restricted to some functions from creating others.

    Raises:
        ForbiddenError: The caller's key is restricted.
    """
    if viewer.restricted_to is not None:
        raise ForbiddenError("A key that is restricted to functions cannot create another.")


def refuse_choice(asks_as_anyone: bool, capture: bool | None) -> None:
    """Prevent callers without a key from choosing whether their images are captured.

    Raises:
        ForbiddenError: The caller has no key and makes this choice.
    """
    if asks_as_anyone and capture is not None:
        raise ForbiddenError("`capture` requires an API key with the scope INVOKE.")
