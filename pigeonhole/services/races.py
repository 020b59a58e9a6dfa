"""What each function's last race of heads chose, in memory, for the next trainings to reuse."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cachetools import LRUCache

from pigeonhole.classifier.race import Choice
from pigeonhole.services.vectors import Floats

LEAST_SAMPLES = 500
"""Samples from which races are reused. A race of fewer takes little time, and decides less surely.
"""
MOST_SAMPLES = 500_000
"""Samples of all remembered races together; the least recently used races are forgotten first."""
MOST_CHANGED = 1 / 20
"""Share of a race's samples that may have changed since. Beyond it the heads race again."""


@dataclass(frozen=True)
class Race:
    """A race, and the samples and labels that it was run on."""

    choice: Choice
    identity: str  # of the encoder
    prototypes: dict[UUID, bytes]  # by label
    annotations: Mapping[UUID, UUID]  # sample to label

    def fits(
        self, identity: str, prototypes: Mapping[UUID, Floats], annotations: Mapping[UUID, UUID]
    ) -> bool:
        """Return whether only few samples have changed, and nothing else."""
        if self.identity != identity or self.prototypes != _bytes(prototypes):
            return False
        if set(annotations.values()) != set(self.annotations.values()):  # a label's first or last
            return False
        same = sum(self.annotations.get(id) == label for id, label in annotations.items())
        changed = max(len(annotations), len(self.annotations)) - same
        return changed <= MOST_CHANGED * len(self.annotations)


class Races:
    """The last races of the functions that this process has trained."""

    def __init__(self) -> None:
        self._races: LRUCache[UUID, Race] = LRUCache(
            MOST_SAMPLES, getsizeof=lambda race: len(race.annotations)
        )

    def choice(
        self,
        function_id: UUID,
        identity: str,
        prototypes: Mapping[UUID, Floats],
        annotations: Mapping[UUID, UUID],
    ) -> Choice | None:
        """Return the choice of the last race if it still fits, otherwise None.

        Args:
            function_id: The function.
            identity: The identity of the encoder.
            prototypes: By label, ``(dim,)``, from its name and description.
            annotations: Sample to label, of all samples to be learned from.
        """
        race = self._races.get(function_id)
        if race is None or not race.fits(identity, prototypes, annotations):
            return None
        return race.choice

    def keep(
        self,
        function_id: UUID,
        identity: str,
        prototypes: Mapping[UUID, Floats],
        annotations: Mapping[UUID, UUID],
        choice: Choice | None,
    ) -> None:
        """Remember a race, unless it is too small or too large."""
        self._races.pop(function_id, None)
        if choice is not None and LEAST_SAMPLES <= len(annotations) <= MOST_SAMPLES:
            race = Race(choice, identity, _bytes(prototypes), annotations)
            self._races[function_id] = race


def _bytes(prototypes: Mapping[UUID, Floats]) -> dict[UUID, bytes]:
    return {label: vector.tobytes() for label, vector in prototypes.items()}
