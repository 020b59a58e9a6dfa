"""Queries."""

import asyncio
from typing import Annotated

import strawberry

from pigeonhole import invocation, tables
from pigeonhole.errors import TooLongError
from pigeonhole.look_alikes import folded
from pigeonhole.names import MAX_NAME, is_storable, key
from pigeonhole.paging import MAX_PAGE
from pigeonhole.services.backlog import look
from server import ids
from server.api.connections import After, Before, Connection, First, Last, connect
from server.api.context import Info
from server.api.types.api_key import ApiKey, Viewer
from server.api.types.audit import AuditEntry
from server.api.types.backlog import Backlog
from server.api.types.deleted_sample import DeletedSample
from server.api.types.encoder import EncoderChoice
from server.api.types.function import Function
from server.api.types.label import Label
from server.api.types.model import Model
from server.api.types.prediction import Invocation
from server.api.types.sample import Annotation, Sample
from server.api.types.shared import Node, maybe
from server.api.types.training import TrainingRun
from server.api.types.webhook import Webhook, WebhookDelivery
from server.auth.permissions import ADMIN, ANYONE, READ
from server.auth.visibility import exists, visible
from server.transport.costs import Cost


@strawberry.type(
    description="Reads the state of the project. Lists are paginated: `first` and `last` are at "
    "most 100, and a page has 25 items by default."
)
class Query:
    @strawberry.field(
        description="Returns any object by its ID; null if it does not exist or is not visible "
        "to the caller.",
        directives=(*READ, Cost(points=12)),
    )
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="ID of the object.")],
    ) -> Node | None:
        return await _node(info, id)

    @strawberry.field(
        description="Returns up to 100 objects by their IDs, in the same order, with null for "
        "each that does not exist or is not visible to the caller.",
        directives=(*READ, Cost(points=10, per_entry=4, entries="ids")),
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="IDs of the objects, at most 100.")
        ],
    ) -> list[Node | None]:
        if len(ids) > MAX_PAGE:
            raise TooLongError(f"At most {MAX_PAGE} IDs are allowed.", path=("ids",))
        return await asyncio.gather(*(_node(info, id) for id in ids))

    @strawberry.field(
        description="Lists image encoders that are known to be good, and whether their weights are "
        "on the machine of the server.",
        directives=(*READ, Cost(points=20)),
    )
    async def encoders(self, info: Info) -> list[EncoderChoice]:
        return await EncoderChoice.all(info.context.services.encoding.loaded)

    @strawberry.field(
        description="Returns a function by its ID; null if it does not exist or is not visible "
        "to the caller.",
        directives=(*READ, Cost(points=10)),
    )
    async def function(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="ID of the function.")],
    ) -> Function | None:
        parsed = ids.parse(id)
        if parsed is None or parsed[0] is not ids.Kind.FUNCTION:
            return None
        query = visible(info.context.viewer, tables.Function.filter(id=parsed[1]))
        return maybe(Function.of, await query.first())

    @strawberry.field(
        description="Returns a function by its name, without regard to case; null if it does not "
        "exist or is not visible to the caller.",
        directives=(*READ, Cost(points=15)),
    )
    async def function_by_name(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="Name of the function.")],
    ) -> Function | None:
        if not is_storable(name):
            return None
        keys = [
            key(name).strip(),
            folded(name.strip())[: 2 * MAX_NAME],
        ]  # the second key is the one of earlier releases
        named = tables.Function.filter(name_key__in=keys).order_by("id")
        return maybe(Function.of, await visible(info.context.viewer, named).first())

    @strawberry.field(
        description="Lists the functions that are visible to the caller, oldest first.",
        directives=(*READ, Cost(points=15)),
    )
    async def functions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        name_contains: Annotated[
            str | None,
            strawberry.argument(
                description="Only functions whose name contains this text, without regard to case."
            ),
        ] = None,
    ) -> Connection[Function]:
        query = visible(info.context.viewer, tables.Function.all())
        if name_contains and not is_storable(name_contains):
            query = query.filter(id__in=[])
        elif name_contains:
            query = query.filter(name_key__contains=key(name_contains))
        return await connect(query, Function.of, first, after, last, before)

    @strawberry.field(
        description="Lists API keys, oldest first, including revoked ones.",
        directives=(*ADMIN, Cost(points=20)),
    )
    async def api_keys(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ApiKey]:
        return await connect(tables.ApiKey.all(), ApiKey.of, first, after, last, before)

    @strawberry.field(
        description="Lists the changes made by mutations and by the command line, oldest first.",
        directives=(*ADMIN, Cost(points=20)),
    )
    async def audit_log(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[AuditEntry]:
        return await connect(tables.AuditEntry.all(), AuditEntry.of, first, after, last, before)

    @strawberry.field(
        description="Lists webhooks, oldest first.", directives=(*ADMIN, Cost(points=20))
    )
    async def webhooks(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Webhook]:
        return await connect(tables.Webhook.all(), Webhook.of, first, after, last, before)

    @strawberry.field(
        description="Returns the work that waits for workers, and the workers seen within a day.",
        directives=(*ADMIN, Cost(points=60)),
    )
    async def backlog(self, info: Info) -> Backlog:
        return Backlog.of(await look(info.context.services.redis))

    @strawberry.field(
        description="Returns the caller: its API key, scopes and rate limit.", directives=ANYONE
    )
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
            return None if sample is None else await Annotation.of(info, sample)
        case ids.Kind.DELETED_SAMPLE:
            deleted = await tables.DeletedSample.get_or_none(id=id)
            return maybe(DeletedSample.of, deleted)
        case ids.Kind.TRAINING_RUN:
            run = await loaders.runs.load(id)
            return maybe(TrainingRun.of, run)
        case ids.Kind.MODEL:
            model = await loaders.models.load(id)
            return maybe(Model.of, model)
        case ids.Kind.API_KEY:
            return maybe(ApiKey.of, await loaders.api_keys.load(id))
        case ids.Kind.AUDIT_ENTRY:
            return maybe(AuditEntry.of, await tables.AuditEntry.get_or_none(id=id))
        case ids.Kind.WEBHOOK:
            return maybe(Webhook.of, await tables.Webhook.get_or_none(id=id))
        case ids.Kind.WEBHOOK_DELIVERY:
            return maybe(WebhookDelivery.of, await tables.WebhookDelivery.get_or_none(id=id))
        case ids.Kind.INVOCATION:
            row = await tables.Invocation.get_or_none(id=id)
            if row is None:
                return None
            answered = await invocation.recall(info.context.services, row)
            return await Invocation.of(info, answered, asked=5)
