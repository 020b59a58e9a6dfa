"""Predictions that can be accepted as annotations, as clients see them."""

from dataclasses import asdict
from typing import Self

import strawberry

from pigeonhole.samples import acceptance
from server.api.types.shared import Estimate
from server.auth.permissions import READ


@strawberry.type(
    description="Predictions that `acceptPredictions` would accept, and the errors to expect among "
    "them.",
    directives=READ,
)
class AcceptablePredictions:
    count: int = strawberry.field(
        description="Number of samples without an annotation whose prediction would be accepted. "
        "Samples for which the prediction of the active model is not stored yet are not counted."
    )
    expected_errors: float = strawberry.field(
        description="Expected number of wrong predictions among them: the sum of 1 - confidence. "
        "It does not hold for images unlike all that are annotated."
    )
    error_rate: Estimate | None = strawberry.field(
        description="Share of wrong predictions among held-out samples that were predicted with "
        "at least such a confidence; null while it would rest on fewer than ten."
    )
    version: int | None = strawberry.field(
        description="Version of the active model, for `acceptPredictions`; null if there is none."
    )

    @classmethod
    def of(cls, found: acceptance.Acceptable) -> Self:
        rate = found.error_rate
        return cls(
            count=found.count,
            expected_errors=found.expected_errors,
            error_rate=Estimate.of(None if rate is None else asdict(rate)),
            version=found.version,
        )
