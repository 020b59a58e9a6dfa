"""Result types of this client, in addition to the generated ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pigeonhole_client.api.enums import Decision
from pigeonhole_client.api.fragments import InvocationFields


class _Estimated(Protocol):
    """A rate as returned by the API."""

    value: float
    lower: float
    upper: float
    count: int


@dataclass(frozen=True)
class Estimate:
    """A rate from 0 to 1 with its 95% confidence interval, from ``count`` independent samples."""

    value: float
    lower: float
    upper: float
    count: int

    def __str__(self) -> str:
        """Return the estimate as text, such as ``93% (88% to 96%)``."""
        return f"{self.value:.0%} ({self.lower:.0%} to {self.upper:.0%})"

    @classmethod
    def of(cls, given: _Estimated | None) -> "Estimate | None":
        """Return the estimate in an answer."""
        if given is None:
            return None
        return cls(given.value, given.lower, given.upper, given.count)


@dataclass(frozen=True)
class Prediction:
    """A model's prediction for an image."""

    label: str
    confidence: float  # 0 to 1, calibrated
    decision: Decision  # accept it, have it reviewed, or none of the labels
    ranking: Sequence[tuple[str, float]]  # labels with their confidences, most likely first
    invocation_id: str  # what `give_feedback` takes

    @classmethod
    def of(cls, given: InvocationFields) -> "Prediction":
        """Return the prediction of an invocation."""
        said = given.prediction
        return cls(
            said.label.name,
            said.confidence,
            said.decision,
            tuple((entry.label.name, entry.confidence) for entry in said.ranking),
            given.id,
        )

    def as_json(self) -> dict[str, object]:
        """Return the data as a JSON value."""
        return {
            "label": self.label,
            "confidence": self.confidence,
            "decision": self.decision.value,
            "ranking": [
                {"label": label, "confidence": confidence} for label, confidence in self.ranking
            ],
            "invocationId": self.invocation_id,
        }
