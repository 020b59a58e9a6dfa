"""Predictions of a function that are accepted as annotations, without coroutines."""

from collections.abc import Callable
from datetime import datetime

from pigeonhole_client.acceptance import Acceptable, Acceptance, AsyncFunctionAcceptance
from pigeonhole_client.api.input_types import SampleFilter
from pigeonhole_client.loop import Loop


class FunctionAcceptance:
    """Accepted predictions of a function; `Function` has these methods."""

    _loop: Loop
    _function: AsyncFunctionAcceptance

    def acceptable_predictions(
        self, min_confidence: float, filter: SampleFilter | None = None
    ) -> Acceptable:
        """Return how many predictions would be accepted, and how many may be wrong."""
        return self._loop.run(self._function.acceptable_predictions(min_confidence, filter))

    def accept_predictions(
        self,
        min_confidence: float,
        filter: SampleFilter | None = None,
        *,
        version: int | None = None,
        progress: Callable[[int], object] = lambda count: None,
    ) -> Acceptance:
        """Annotate samples with predictions; see `AsyncFunctionAcceptance.accept_predictions`."""
        accepting = self._function.accept_predictions(
            min_confidence, filter, version=version, progress=progress
        )
        return self._loop.run(accepting)

    def undo_acceptance(self, at: datetime) -> int:
        """Remove the annotations of the acceptance of a time; return their number."""
        return self._loop.run(self._function.undo_acceptance(at))
