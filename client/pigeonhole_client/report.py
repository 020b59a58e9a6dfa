"""The outcomes of an import."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


class OnConflict(str, Enum):
    """What to do with an image that the function already has under another label."""

    KEEP = "keep"
    REPLACE = "replace"
    SKIP = "skip"

    __str__ = str.__str__


class Outcome(str, Enum):
    """The outcome of importing one image."""

    ADDED = "added"
    ANNOTATED = "annotated"
    UNCHANGED = "unchanged"
    REPLACED = "label replaced"
    CONFLICT = "label kept"
    SKIPPED = "skipped"
    REFUSED = "refused"

    __str__ = str.__str__


@dataclass
class Report:
    """The outcomes of all images, and why some were refused or in conflict."""

    outcomes: "Counter[Outcome]" = field(default_factory=Counter)
    told: list[tuple[str, Outcome, str]] = field(default_factory=list)

    @property
    def refused(self) -> list[tuple[str, str]]:
        """The images that were not added, with the reasons."""
        return [(name, reason) for name, how, reason in self.told if how is Outcome.REFUSED]

    def note(self, name: str, outcome: Outcome, reason: str = "") -> None:
        """Count an image's outcome, and keep the reason if there is one."""
        self.outcomes[outcome] += 1
        if reason:
            self.told.append((name, outcome, reason))

    def write(self, path: Path) -> None:
        """Write the images that were refused or in conflict to a CSV file."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("file", "outcome", "reason"))
            writer.writerows((name, how.value, reason) for name, how, reason in self.told)

    def as_json(self) -> dict[str, object]:
        """Return the data as a JSON value."""
        return {
            "outcomes": {how.value: count for how, count in self.outcomes.items()},
            "told": [
                {"file": name, "outcome": how.value, "reason": reason}
                for name, how, reason in self.told
            ],
        }
