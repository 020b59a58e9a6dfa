"""Mutations that accept predictions as annotations, and take them back."""

from datetime import datetime
from uuid import UUID

import strawberry

from pigeonhole.samples import acceptance
from server import ids
from server.api.context import Info
from server.api.mutations.payload import Payload, answering, recorder
from server.api.types.sample_filter import SampleFilter
from server.auth.permissions import ANYONE, WRITE
from server.auth.visibility import find
from server.transport.costs import Cost


@strawberry.input(description="Predictions to accept as annotations.")
class AcceptPredictionsInput:
    function_id: strawberry.ID = strawberry.field(description="ID of the function.")
    min_confidence: float = strawberry.field(
        description="Least confidence of the predictions, from 0 to 1."
    )
    version: int = strawberry.field(
        description="Version of the active model, as in `AcceptablePredictions.version`. If "
        "another one has become active, nothing is accepted and the error is `CONFLICT`."
    )
    filter: SampleFilter | None = strawberry.field(
        default=None, description="Which samples. Default: all without an annotation."
    )
    accepted_at: datetime | None = strawberry.field(
        default=None,
        description="`acceptedAt` of the acceptance to continue, of the last 24 hours. Default: a "
        "new one.",
    )


@strawberry.input(description="Acceptance to undo.")
class UndoAcceptanceInput:
    function_id: strawberry.ID = strawberry.field(description="ID of the function.")
    accepted_at: datetime = strawberry.field(
        description="Time of the acceptance: its `acceptedAt`, and the `createdAt` of its "
        "annotations."
    )


@strawberry.type(description="Result of `acceptPredictions`.", directives=ANYONE)
class AcceptPredictionsPayload(Payload):
    accepted_count: int = strawberry.field(
        default=0, description="Number of samples that this call has annotated."
    )
    has_more: bool = strawberry.field(
        default=False, description="Whether more predictions meet the input; call again for them."
    )
    accepted_at: datetime | None = strawberry.field(
        default=None,
        description="Time of the acceptance, by which it is continued and undone; null if there "
        "are errors.",
    )


@strawberry.type(description="Result of `undoAcceptance`.", directives=ANYONE)
class UndoAcceptancePayload(Payload):
    cleared_count: int = strawberry.field(
        default=0, description="Number of samples whose annotation this call has removed."
    )
    has_more: bool = strawberry.field(
        default=False, description="Whether annotations of the acceptance are left; call again."
    )


async def _function(info: Info, id: strawberry.ID) -> UUID:
    return await find(info.context.viewer, ids.Kind.FUNCTION, id, ("input", "functionId"))


@strawberry.type
class AcceptanceMutations:
    @strawberry.mutation(
        description="Annotates samples with the predictions of the active model that are sure "
        "enough, up to 500 in one call, the surest first; samples with an annotation stay as they "
        "are. Such annotations have the source `ACCEPTED`: they count in lists, counts and "
        "exports, but models neither learn from them nor are measured on them, until a person "
        "annotates the sample. Read `Function.acceptablePredictions` first, which says how many "
        "errors to expect.",
        directives=(*WRITE, Cost(points=400)),
    )
    @answering(AcceptPredictionsPayload)
    async def accept_predictions(
        self, info: Info, input: AcceptPredictionsInput
    ) -> AcceptPredictionsPayload:
        done = await acceptance.accept(
            info.context.services,
            await _function(info, input.function_id),
            input.version,
            input.min_confidence,
            (input.filter or SampleFilter()).conditions(),
            at=input.accepted_at,
            record=recorder(info, input),
        )
        return AcceptPredictionsPayload(
            accepted_count=done.count, has_more=done.more, accepted_at=done.at
        )

    @strawberry.mutation(
        description="Removes the annotations of an acceptance, up to 500 in one call. Samples that "
        "a person has annotated since keep their annotation, even if the label is the same.",
        directives=(*WRITE, Cost(points=400)),
    )
    @answering(UndoAcceptancePayload)
    async def undo_acceptance(
        self, info: Info, input: UndoAcceptanceInput
    ) -> UndoAcceptancePayload:
        done = await acceptance.undo(
            info.context.services,
            await _function(info, input.function_id),
            input.accepted_at,
            record=recorder(info, input),
        )
        return UndoAcceptancePayload(cleared_count=done.count, has_more=done.more)
