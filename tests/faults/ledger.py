"""What clients were promised: each acknowledged write, and those whose outcome nobody told."""

from dataclasses import dataclass, field

ABSENT = "absent"
"""The state of a sample that is not there."""
UNLABELLED = ""
"""The state of a sample that is there without an annotation."""


@dataclass
class Ledger:
    """The states that each picture of a function may be in, by its SHA-256.

    A state is the name of the picture's label, `UNLABELLED` or `ABSENT`. A write that is
    acknowledged leaves one state; a write whose answer never came adds one to those before it.
    A try that was given up may still be carried out later, after the try that was answered: a
    server ends what it has begun. So its state stays possible for good.
    """

    function_id: str
    states: dict[str, set[str]] = field(default_factory=dict)
    given_up: dict[str, set[str]] = field(default_factory=dict)
    acknowledged: int = 0
    unknown: int = 0

    def begin(self, sha256: str, state: str) -> None:
        """Note that a write which would leave ``state`` was sent."""
        self.states.setdefault(sha256, {ABSENT}).add(state)
        self.unknown += 1

    def acknowledge(self, sha256: str, state: str) -> None:
        """Note that the write was answered: there is no other state any more."""
        self.states[sha256] = {state}
        self.unknown -= 1
        self.acknowledged += 1

    def give_up(self, sha256: str, state: str) -> None:
        """Note that a try of a write was not answered, and that another follows."""
        self.given_up.setdefault(sha256, set()).add(state)

    def faults(self, found: dict[str, str]) -> list[str]:
        """Say in what the samples that are there differ from every permitted state."""
        said = []
        for sha256, states in self.states.items():
            permitted = states | self.given_up.get(sha256, set())
            state = found.get(sha256, ABSENT)
            if state not in permitted:
                said.append(f"{self.function_id} {sha256[:8]}: {state!r} is none of {permitted}")
        said += [
            f"{self.function_id} {sha256[:8]}: nobody added it"
            for sha256 in found.keys() - self.states.keys()
        ]
        return said
