"""The waits before a request is sent again."""

import random
from dataclasses import dataclass, field

import httpx

LONGEST_S = 20.0
"""Longest wait before a try, unless the server asks for a longer one."""
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Failures before the server has seen anything of a request."""
REFUSED = frozenset({429, 503})
"""Statuses of requests that were not carried out, and may be sent again."""
LOST = frozenset({502, 504})
"""Statuses of proxies whose server may have carried out the request."""


@dataclass
class Waits:
    """The waits between the attempts of a request, each twice as long as the one before."""

    tries: int = 8
    first_s: float = 0.5
    _made: int = field(default=0, init=False)

    @property
    def exhausted(self) -> bool:
        """Whether the last attempt has been made."""
        return self._made >= self.tries - 1

    def next_s(self, asked_s: float = 0.0) -> float:
        """Return the seconds before the next attempt: at least ``asked_s``, with random jitter."""
        wait_s = min(LONGEST_S, self.first_s * 2.0**self._made)
        self._made += 1
        return max(asked_s, wait_s * random.uniform(0.5, 1.0))


def retry_after_s(answer: httpx.Response) -> float:
    """Return the seconds that a response asks to wait; 0 if it does not."""
    try:
        return max(0.0, float(answer.headers.get("Retry-After", "0")))
    except ValueError:
        return 0.0  # a date, which Pigeonhole does not send
