"""The end of a server's process, as those hear of it who would hold it up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.types import Scope


class Stopping:
    """Begins once, when the server is asked to stop."""

    def __init__(self) -> None:
        self.has_begun = False
        self._calls: list[Callable[[], object]] = []

    def begin(self) -> None:
        """Tell everybody who waits."""
        self.has_begun = True
        for call in list(self._calls):
            call()

    @contextmanager
    def telling(self, call: Callable[[], object]) -> Iterator[None]:
        """Have something called when it begins, or at once if it has, until the block ends."""
        self._calls.append(call)
        try:
            if self.has_begun:
                call()
            yield
        finally:
            self._calls.remove(call)


def stopping_of(scope: Scope) -> Stopping:
    """Return the end of the process that serves a request."""
    app = scope.get("app")
    found = getattr(app.state, "stopping", None) if app is not None else None
    return found if isinstance(found, Stopping) else Stopping()
