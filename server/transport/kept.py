"""A bounded cache of recently used values."""

from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


EACH = 4
"""One owner's values may take a quarter of the cache."""


class Kept(Generic[Value]):
    """Values by name; if there are too many or they weigh too much, the oldest are dropped.

    With ``owned``, an owner's own oldest values are dropped once they exceed a quarter of the
    cache, so that no owner can crowd out the others.
    """

    def __init__(self, most: int, most_weight: int, *, owned: bool = False) -> None:
        self._owned = owned
        self._owners: dict[str, Kept[None]] = {}
        self._most = most
        self._most_weight = most_weight
        self._weight = 0
        self._values: OrderedDict[str, tuple[Value, int]] = OrderedDict()

    def get(self, name: str) -> Value | None:
        """Return a value, and count it as used."""
        found = self._values.get(name)
        if found is None:
            return None
        self._values.move_to_end(name)
        return found[0]

    def pop(self, name: str) -> Value | None:
        """Return a value, and drop it."""
        value, weight = self._values.pop(name, (None, 0))
        self._weight -= weight
        return value

    def put(self, name: str, value: Value, weight: int, owner: str = "") -> list[str]:
        """Keep a value, and drop the oldest ones that no longer fit, possibly including this one.

        Return the names of the dropped values.
        """
        if self._owned and name not in self._values:
            self._make_room(name, weight, owner)
        _, replaced = self._values.pop(name, (None, 0))
        self._values[name] = (value, weight)
        self._weight += weight - replaced
        names = []
        while len(self._values) > self._most or self._weight > self._most_weight:
            gone, (_, forgotten) = self._values.popitem(last=False)
            self._weight -= forgotten
            names.append(gone)
        return names

    def _make_room(self, name: str, weight: int, owner: str) -> None:
        """Drop an owner's own oldest values if its share would be exceeded."""
        own = self._owners.pop(owner, None) or Kept(self._most // EACH, self._most_weight // EACH)
        self._owners[owner] = own
        for gone in own.put(name, None, weight):
            self.pop(gone)
        if len(self._owners) > self._most:
            del self._owners[next(iter(self._owners))]
