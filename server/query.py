"""Queries."""

import asyncio
from typing import Annotated

import strawberry

from pigeonhole import invocation, models
from pigeonhole.errors import TooLongError
from pigeonhole.names import is_storable, key
from pigeonhole.paging import MAX_PAGE
from server import ids
from server.access import exists, visible
from server.connections import After, Before, Connection, First, Last, connect
from server.context import Info
from server.permissions import ADMIN, ANYONE, READ
from server.types.api_key import ApiKey, Viewer
from server.types.audit import AuditEntry
from server.types.function import Function
from server.types.label import Label
from server.types.model import Model
from server.types.prediction import Invocation
from server.types.sample import Annotation, Sample
from server.types.shared import Node, maybe
from server.types.training import TrainingRun


@strawberry.type(
    description="Lists that can grow are pages: `first` or `last` is at most 100, and 25 if unsaid."
)
class Query:
    @strawberry.field(
        description="Any object by its ID; null when it is not there.", directives=READ
    )
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="As it was given.")],
    ) -> Node | None:
        return await _node(info, id)

    @strawberry.field(
        description="Several objects by ID, in the order asked, null in the place of what is not "
        "there; at most 100.",
        directives=READ,
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="As they were given.")],
    ) -> list[Node | None]:
        if len(ids) > MAX_PAGE:
            raise TooLongError(f"At most {MAX_PAGE} at once.", path=("ids",))
        return await asyncio.gather(*(_node(info, id) for id in ids))

    @strawberry.field(description="A function by its ID.", directives=READ)
    async def function(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which one.")],
    ) -> Function | None:
        parsed = ids.parse(id)
        if parsed is None or parsed[0] is not ids.Kind.FUNCTION:
            return None
        query = visible(info.context.viewer, models.Function.filter(id=parsed[1]))
        return maybe(Function.of, await query.first())

    @strawberry.field(
        description="A function by its name, without regard to case.", directives=READ
    )
    async def function_by_name(
        self, info: Info, name: Annotated[str, strawberry.argument(description="Its name.")]
    ) -> Function | None:
        if not is_storable(name):
            return None
        named = models.Function.filter(name_key=key(name.strip()))
        return maybe(Function.of, await visible(info.context.viewer, named).first())

    @strawberry.field(description="All functions, oldest first.", directives=READ)
    async def functions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        name_contains: Annotated[
            str | None,
            strawberry.argument(description="Only those whose name has this, in any case."),
        ] = None,
    ) -> Connection[Function]:
        query = visible(info.context.viewer, models.Function.all())
        if name_contains and not is_storable(name_contains):
            query = query.filter(id__in=[])
        elif name_contains:
            query = query.filter(name_key__contains=key(name_contains))
        return await connect(query, Function.of, first, after, last, before)

    @strawberry.field(description="API keys, oldest first, revoked ones too.", directives=ADMIN)
    async def api_keys(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ApiKey]:
        return await connect(models.ApiKey.all(), ApiKey.of, first, after, last, before)

    @strawberry.field(
        description="Every change that a mutation or the command line made, oldest first.",
        directives=ADMIN,
    )
    async def audit_log(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[AuditEntry]:
        return await connect(models.AuditEntry.all(), AuditEntry.of, first, after, last, before)

    @strawberry.field(description="Whom the request speaks for.", directives=ANYONE)
    def viewer(self, info: Info) -> Viewer:
        return Viewer.of(info.context.viewer)


async def _node(info: Info, opaque: str) -> Node | None:
    parsed = ids.parse(opaque)
    if parsed is None or not await exists(info.context.viewer, *parsed):
        return None
    kind, id = parsed
    loaders = info.context.loaders
    match kind:
        case ids.Kind.FUNCTION:
            function = await loaders.functions.load(id)
            return maybe(Function.of, function)
        case ids.Kind.LABEL:
            label = await loaders.labels.load(id)
            return maybe(Label.of, label)
        case ids.Kind.SAMPLE:
            sample = await loaders.samples.load(id)
            return maybe(Sample.of, sample)
        case ids.Kind.ANNOTATION:
            sample = await loaders.samples.load(id)
            return maybe(Annotation.of, sample)
        case ids.Kind.TRAINING_RUN:
            run = await loaders.runs.load(id)
            return maybe(TrainingRun.of, run)
        case ids.Kind.MODEL:
            model = await loaders.models.load(id)
            return maybe(Model.of, model)
        case ids.Kind.API_KEY:
            return maybe(ApiKey.of, await loaders.api_keys.load(id))
        case ids.Kind.AUDIT_ENTRY:
            return maybe(AuditEntry.of, await models.AuditEntry.get_or_none(id=id))
        case ids.Kind.INVOCATION:
            row = await models.Invocation.get_or_none(id=id)
            if row is None:
                return None
            return Invocation.of(await invocation.recall(info.context.services, row), asked=5)
