"""Which objects exist for a caller.

All input ids pass `find`: what a caller's key is not for is not there for it, to the word. Lists
and look-ups by name pass `visible`. What is reached from a visible object
belongs to the same function.
"""

from collections.abc import Sequence
from uuid import UUID

from tortoise.queryset import QuerySet

from pigeonhole import models
from pigeonhole.errors import ForbiddenError
from pigeonhole.models import ApiKeyScope, FunctionVisibility
from pigeonhole.viewers import Viewer
from server import ids

ROWS = {
    ids.Kind.LABEL: models.Label,
    ids.Kind.SAMPLE: models.Sample,
    ids.Kind.ANNOTATION: models.Sample,
    ids.Kind.TRAINING_RUN: models.TrainingRun,
    ids.Kind.MODEL: models.Model,
    ids.Kind.INVOCATION: models.Invocation,
}
"""Where to read whose an object is."""


async def find(viewer: Viewer, kind: ids.Kind, id: str, path: Sequence[str] = ()) -> UUID:
    """The row that an id of this kind names, if its function exists for the caller.

    A caller who sees everything is not looked up: whether the row is there is told by its reader.

    Raises:
        NotFoundError: It is not an id of this kind, or not for this caller.
    """
    [found] = await find_all(viewer, kind, [(id, path)])
    return found


async def find_all(
    viewer: Viewer, kind: ids.Kind, given: Sequence[tuple[str, Sequence[str]]]
) -> list[UUID]:
    """The same for many, each with its path, in one query.

    Raises:
        NotFoundError: One of them is not an id of this kind, or not for this caller.
    """
    found = [ids.decode(kind, id, path) for id, path in given]
    seen = await _seen(viewer, kind, found)
    for id, (_, path) in zip(found, given, strict=True):
        if id not in seen:
            raise ids.not_found(kind, path)
    return found


async def find_invocable(viewer: Viewer, id: str, path: Sequence[str] = ()) -> tuple[UUID, bool]:
    """The function that a caller asks, and whether it does so as anyone may, because it is public.

    Raises:
        NotFoundError: There is none for it.
        ForbiddenError: It may read the function, and not ask it.
    """
    function_id = ids.decode(ids.Kind.FUNCTION, id, path)
    seen = viewer.sees(function_id)
    if seen and viewer.may(ApiKeyScope.INVOKE):
        return function_id, False
    row = await models.Function.get_or_none(id=function_id).only("visibility")
    if row is not None and row.visibility == FunctionVisibility.PUBLIC:
        return function_id, True
    if row is not None and seen and viewer.may(ApiKeyScope.READ):
        raise ForbiddenError(
            "Mutation.invoke is for keys with the scope INVOKE; this one lacks it."
        )
    raise ids.not_found(ids.Kind.FUNCTION, path)


async def exists(viewer: Viewer, kind: ids.Kind, id: UUID) -> bool:
    """Whether an object, if it is there, is there for a caller."""
    return id in await _seen(viewer, kind, [id])


def visible(viewer: Viewer, query: QuerySet[models.Function]) -> QuerySet[models.Function]:
    """Those functions of a query that exist for a caller."""
    only = viewer.restricted_to
    return query if only is None else query.filter(id__in=list(only))


async def _seen(viewer: Viewer, kind: ids.Kind, found: Sequence[UUID]) -> set[UUID]:
    """Those of some rows that exist for a caller."""
    if kind is ids.Kind.FUNCTION:
        return {id for id in found if viewer.sees(id)}
    for_admins = kind in (ids.Kind.API_KEY, ids.Kind.AUDIT_ENTRY)
    if not viewer.may(ApiKeyScope.ADMIN if for_admins else ApiKeyScope.READ):
        return set()
    if viewer.restricted_to is None:
        return set(found)
    rows = ROWS[kind].filter(id__in=list(found), function_id__in=list(viewer.restricted_to))
    return {row.pk for row in await rows.only("id")}


def refuse_restricted(viewer: Viewer) -> None:
    """Keep a key that is for some functions from making others.

    Raises:
        ForbiddenError: It is such a key.
    """
    if viewer.restricted_to is not None:
        raise ForbiddenError("This key is for some functions only, and can't make another.")


def refuse_choice(asks_as_anyone: bool, capture: bool | None) -> None:
    """Keep callers without a key from saying whether their pictures are kept.

    Raises:
        ForbiddenError: One does.
    """
    if asks_as_anyone and capture is not None:
        raise ForbiddenError("`capture` is for keys with the scope INVOKE.")
