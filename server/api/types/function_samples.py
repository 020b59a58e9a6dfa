"""The lists of a function's samples."""

from dataclasses import asdict
from typing import Annotated

import strawberry

from pigeonhole import tables as rows
from pigeonhole.errors import InvalidError
from pigeonhole.names import MAX_EXTERNAL_ID, is_storable
from pigeonhole.paging import Order, check_count, cut
from pigeonhole.samples import acceptance, listing, quiz, sample_map
from pigeonhole.samples import search as searching
from pigeonhole.services import looked_at
from server.api.connections import (
    After,
    Before,
    Connection,
    First,
    Last,
    connect,
    connect_kept,
    connection,
    window_of,
)
from server.api.context import Info
from server.api.types.acceptance import AcceptablePredictions
from server.api.types.deleted_sample import DeletedSample
from server.api.types.near_duplicates import NearDuplicateGroup
from server.api.types.sample import Sample
from server.api.types.sample_filter import SampleFilter, SampleOrder, SampleSearch
from server.api.types.sample_group import SampleGroup
from server.api.types.sample_map import SampleMap
from server.api.types.shared import Estimate, maybe
from server.transport.costs import Cost


@strawberry.type
class FunctionSamples:
    """The fields of a function that list its samples, found by one thing or another."""

    row: strawberry.Private[rows.Function]

    @strawberry.field(
        description="Lists the samples of the function.", directives=(Cost(points=16),)
    )
    async def samples(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            SampleFilter | None,
            strawberry.argument(description="Which samples to list. Default: all."),
        ] = None,
        order_by: Annotated[
            SampleOrder | None,
            strawberry.argument(description="Order of the samples. Default: newest first."),
        ] = None,
        search: Annotated[
            SampleSearch | None,
            strawberry.argument(
                description="What the images show. Lists the most similar first, so it cannot be "
                "used with `orderBy`; samples without an embedding of the function's encoder are "
                "left out. Costs 13 more points for each 1,000 samples of the function and, with "
                "`filter`, 100 for each 1,000 that meet it. A function of more samples than a "
                "server keeps in memory is refused with `LIMIT_REACHED`."
            ),
        ] = None,
        skip: Annotated[
            int,
            strawberry.argument(
                description="Number of samples to skip before the page, for jumping to a "
                "position. To read the next page, `after` is faster and reliable "
                "while the list changes."
            ),
        ] = 0,
    ) -> Connection[Sample]:
        conditions = (filter or SampleFilter()).conditions()
        if search is not None:
            if order_by is not None:
                raise InvalidError("`orderBy` cannot be used with `search`.", path=("orderBy",))
            services, context = info.context.services, info.context
            sought = await search.search(context.viewer)
            window = window_of(first, after, last, before, skip)
            found = await searching.find(
                services, self.row.id, sought, conditions, window, context.meter.pay
            )
            return connection(found.page, found, Sample.of)
        query = listing.listed(self.row.id, conditions)
        order = listing.ordered(*(order_by or SampleOrder()).choice())
        page = await connect(query, Sample.of, first, after, last, before, order, skip)
        shown = [edge.node.row.id for edge in page.edges]
        await looked_at.note(info.context.services.redis, self.row.id, shown)
        return page

    @strawberry.field(
        description="Lists groups of samples that probably share a label, to be annotated "
        "together: the newest 1,000 embedded samples without an annotation, by their predictions "
        "and by what their images show. The purest groups come first; those without a label come "
        "last, the most similar first. Costs 100 more points for each 1,000 of the samples, and "
        "4,000 if they have not been grouped since samples, labels or the model changed.",
        directives=(Cost(points=10),),
    )
    async def sample_groups(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SampleGroup]:
        context = info.context
        groups = await context.services.sample_groups.of(self.row, context.meter.pay)
        keys = [(group.rank, group.sample_ids[0]) for group in groups]
        part = cut(keys, window_of(first, after, last, before))
        return connect_kept(keys, part, groups[part.start : part.end], SampleGroup.of)

    @strawberry.field(
        description="Returns how many predictions `acceptPredictions` would accept, and how many "
        "of them are expected to be wrong.",
        directives=(Cost(points=100),),
    )
    async def acceptable_predictions(
        self,
        info: Info,
        min_confidence: Annotated[
            float,
            strawberry.argument(description="Least confidence of the predictions, from 0 to 1."),
        ],
        filter: Annotated[
            SampleFilter | None,
            strawberry.argument(description="Which samples. Default: all without an annotation."),
        ] = None,
    ) -> AcceptablePredictions:
        conditions = (filter or SampleFilter()).conditions()
        found = await acceptance.preview(
            info.context.services, self.row, min_confidence, conditions
        )
        return AcceptablePredictions.of(found)

    @strawberry.field(
        description="Returns random samples that nobody has annotated or graded, for checking "
        "their predictions with `gradeAnswers`. Accepted predictions are among them.",
        directives=(Cost(points=40),),
    )
    async def quiz_samples(
        self,
        first: Annotated[
            int, strawberry.argument(description="Number of samples, at most 100.")
        ] = 10,
    ) -> list[Sample]:
        check_count(first)
        return [Sample.of(row) for row in await quiz.questions(self.row, first)]

    @strawberry.field(
        description="Share of right predictions among the newest 100 graded samples; null until "
        "ten samples are graded. It should be close to the cross-validated accuracy.",
        directives=(Cost(points=8),),
    )
    async def quiz_accuracy(self) -> Estimate | None:
        share = await quiz.share_right(self.row.id)
        return None if share.too_early else Estimate.of(asdict(share))

    @strawberry.field(
        description="Returns where the samples lie on a map of the function, newest first. Samples "
        "without an embedding of the function's encoder are left out. Costs 260 more points for "
        "each 1,000 samples asked for. A function of more samples than a server keeps in memory is "
        "refused with `LIMIT_REACHED`.",
        directives=(Cost(points=16),),
    )
    async def sample_map(
        self,
        info: Info,
        first: Annotated[
            int, strawberry.argument(description="Number of samples, at most 1,000.")
        ] = 1_000,
        after: Annotated[
            str | None,
            strawberry.argument(description="`endCursor` of the page before."),
        ] = None,
    ) -> SampleMap:
        context = info.context
        page = await sample_map.read(context.services, self.row.id, first, after, context.meter.pay)
        return SampleMap.of(page)

    @strawberry.field(
        description="Lists groups of samples whose images are nearly the same. Groups with "
        "different annotations come first, then larger ones. A sample joins its group soon after "
        "it is embedded.",
        directives=(Cost(points=10),),
    )
    async def near_duplicates(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        skip: Annotated[
            int,
            strawberry.argument(
                description="Number of groups to skip before the page, for jumping to a position."
            ),
        ] = 0,
    ) -> Connection[NearDuplicateGroup]:
        query = rows.NearDuplicateGroup.filter(function_id=self.row.id)
        order = Order("rank")
        of = NearDuplicateGroup.of
        return await connect(query, of, first, after, last, before, order, skip)

    @strawberry.field(
        description="Whether all embedded samples have been compared, so that `nearDuplicates` "
        "lists every group. False for a moment after samples were added or restored."
    )
    def near_duplicates_complete(self) -> bool:
        return self.row.grouped_revision == self.row.group_revision

    @strawberry.field(
        description="Returns a sample by the identifier that the caller gave; null if there is "
        "none.",
        directives=(Cost(points=12),),
    )
    async def sample_by_external_id(
        self,
        external_id: Annotated[
            str,
            strawberry.argument(description="Identifier that was given when the sample was added."),
        ],
    ) -> Sample | None:
        if not is_storable(external_id) or len(external_id) > MAX_EXTERNAL_ID:
            return None  # no sample can have such an ID
        row = await rows.Sample.get_or_none(function_id=self.row.id, external_id=external_id)
        return maybe(Sample.of, row)

    @strawberry.field(
        description="Lists the trash of the function, most recently deleted first.",
        directives=(Cost(points=16),),
    )
    async def deleted_samples(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[DeletedSample]:
        query = rows.DeletedSample.filter(function_id=self.row.id)
        order = Order(descending=True)
        return await connect(query, DeletedSample.of, first, after, last, before, order)
