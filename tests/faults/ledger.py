"""What clients may find: each acknowledged write, and writes with an unknown outcome."""

from dataclasses import dataclass, field

ABSENT = "absent"
"""The state of a sample that does not exist."""
UNLABELLED = ""
"""The state of a sample without an annotation."""


@dataclass
class Ledger:
    """The states that each picture of a function may have, by its SHA-256.

    A state is the name of the picture's label, `UNLABELLED` or `ABSENT`. After an acknowledged
    write there is one possible state; a write without a response adds one to those before it.
    A try without a response may still be carried out after a later try that was acknowledged,
    since a server finishes what it has begun. So its state stays possible for good.
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
        """Note that the write was acknowledged: no other state is possible any more."""
        self.states[sha256] = {state}
        self.unknown -= 1
        self.acknowledged += 1

    def give_up(self, sha256: str, state: str) -> None:
        """Note that a try of a write had no response, and that another try follows."""
        self.given_up.setdefault(sha256, set()).add(state)

    def faults(self, found: dict[str, str]) -> list[str]:
        """Report each sample whose state is not a possible one."""
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
