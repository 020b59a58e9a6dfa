"""A bounded memory of what was used last."""

from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Values by name; when there are too many, or they weigh too much, the oldest go."""

    def __init__(self, most: int, most_weight: int) -> None:
        self._most = most
        self._most_weight = most_weight
        self._weight = 0
        self._values: OrderedDict[str, tuple[Value, int]] = OrderedDict()

    def get(self, name: str) -> Value | None:
        """Give a value, and count it as used."""
        found = self._values.get(name)
        if found is None:
            return None
        self._values.move_to_end(name)
        return found[0]

    def pop(self, name: str) -> Value | None:
        """Give a value, and forget it."""
        value, weight = self._values.pop(name, (None, 0))
        self._weight -= weight
        return value

    def put(self, name: str, value: Value, weight: int) -> None:
        """Keep a value, and forget the oldest ones that no longer fit; it may be this one."""
        _, replaced = self._values.pop(name, (None, 0))
        self._values[name] = (value, weight)
        self._weight += weight - replaced
        while len(self._values) > self._most or self._weight > self._most_weight:
            _, (_, forgotten) = self._values.popitem(last=False)
            self._weight -= forgotten
