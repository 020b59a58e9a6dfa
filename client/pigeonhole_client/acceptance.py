"""Predictions of a function that are accepted as annotations, for coroutines."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pigeonhole_client.api.input_types import (
    AcceptPredictionsInput,
    SampleFilter,
    UndoAcceptanceInput,
)
from pigeonhole_client.errors import NotFoundError, NotTrainedError
from pigeonhole_client.models import Estimate
from pigeonhole_client.payloads import accepted, check
from pigeonhole_client.transport import Transport


@dataclass(frozen=True)
class Acceptable:
    """Predictions that would be accepted, and the errors to expect among them."""

    count: int  # samples without an annotation whose prediction is sure enough
    expected_errors: float  # the sum of 1 - confidence
    error_rate: Estimate | None  # of held-out samples that were as sure
    version: int | None  # of the active model; None if there is none


@dataclass(frozen=True)
class Acceptance:
    """An acceptance, which `AsyncFunction.undo_acceptance` takes."""

    count: int
    at: datetime | None  # None if nothing was accepted


class AsyncFunctionAcceptance(ABC):
    """Accepted predictions of a function; `AsyncFunction` has these methods."""

    _api: Transport

    @property
    @abstractmethod
    def id(self) -> str:
        """The function's ID, which never changes."""

    async def acceptable_predictions(
        self, min_confidence: float, filter: SampleFilter | None = None
    ) -> Acceptable:
        """Return how many predictions would be accepted, and how many may be wrong.

        Args:
            min_confidence: Least confidence of a prediction, from 0 to 1.
            filter: Conditions that each sample meets.

        Raises:
            NotFoundError: The function has been deleted.
        """
        found = await self._api.get_acceptable_predictions(self.id, min_confidence, filter_=filter)
        if found is None:
            raise NotFoundError(f"Function {self.id} not found.", "NOT_FOUND")
        said = found.acceptable_predictions
        return Acceptable(
            said.count, said.expected_errors, Estimate.of(said.error_rate), said.version
        )

    async def accept_predictions(
        self,
        min_confidence: float,
        filter: SampleFilter | None = None,
        *,
        version: int | None = None,
        progress: Callable[[int], object] = lambda count: None,
    ) -> Acceptance:
        """Annotate samples with predictions that are sure enough, the surest first.

        Samples with an annotation stay as they are. Models neither learn from accepted predictions
        nor are measured on them. An acceptance that fails halfway keeps what it accepted.

        Args:
            min_confidence: Least confidence of a prediction, from 0 to 1.
            filter: Conditions that each sample meets.
            version: Version of the model, as `acceptable_predictions` returned it; by default the
                active one.
            progress: Called after each request with the number accepted so far.

        Raises:
            NotTrainedError: The function has no model yet.
            ConflictError: Another version has become active.
        """
        if version is None:
            version = (await self.acceptable_predictions(min_confidence, filter)).version
        if version is None:
            raise NotTrainedError("There is no model yet.", "NOT_TRAINED")
        count, at, has_more = 0, None, True
        while has_more:
            given = AcceptPredictionsInput(
                functionId=self.id,
                minConfidence=min_confidence,
                version=version,
                filter=filter,
                acceptedAt=at,
            )
            said = await self._api.accept_predictions(given)
            at = accepted(said.accepted_at, said.errors)
            count, has_more = count + said.accepted_count, said.has_more
            progress(count)
        return Acceptance(count, at if count else None)

    async def undo_acceptance(self, at: datetime) -> int:
        """Remove the annotations of an acceptance; return their number.

        Samples that a person has annotated since keep their annotation.

        Args:
            at: Time of the acceptance: `Acceptance.at`.
        """
        count, has_more = 0, True
        while has_more:
            given = UndoAcceptanceInput(functionId=self.id, acceptedAt=at)
            said = await self._api.undo_acceptance(given)
            check(said.errors)
            count, has_more = count + said.cleared_count, said.has_more
        return count
