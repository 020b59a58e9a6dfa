"""A limit on the pixels that a process decodes at once."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class PixelGate:
    """Lets threads decode images while these have at most ``most`` pixels together.

    An image with more pixels is decoded alone. Threads proceed in the order in which they arrive,
    so that small images cannot block a large one forever.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @property
    def held(self) -> int:
        """The pixels that are being decoded now."""
        return self._held

    @contextmanager
    def hold(self, pixels: int) -> Iterator[None]:
        """Wait until there is room for ``pixels``, which then count until the block ends."""
        turn = object()
        with self._changed:
            self._waiting.append(turn)
            self._changed.wait_for(
                lambda: (
                    self._waiting[0] is turn
                    and (self._held == 0 or self._held + pixels <= self._most)
                )
            )
            self._waiting.popleft()
            self._held += pixels
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._held -= pixels
                self._changed.notify_all()
