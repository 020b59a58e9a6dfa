"""The choice of ``auto``: CLIP if its weights are available, otherwise the bundled encoder."""

import logging
import sys
import time
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

from pigeonhole.encoders.imports import ONE_AT_A_TIME
from pigeonhole.encoders.known import BUNDLED, DEFAULT

REPORT_S = 5.0
"""Seconds between two lines of the log while weights are fetched."""
SLACK_S = 0.5
"""Seconds that a fetch has to report why it gives up."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


def choose(spec: str, *, fetch_timeout_s: float, download_timeout_s: float) -> str:
    """Resolve ``auto`` to a spec that ``load`` takes; return any other spec unchanged.

    ``auto`` is CLIP if its weights are on this machine, or if the model hub answers within
    ``fetch_timeout_s`` seconds and then serves them within ``download_timeout_s``. Otherwise it is
    the bundled encoder; what came of the weights is kept, for `pigeonhole encoder fetch`.
    """
    if spec != "auto":
        return spec
    found, missing = outlook(fetch_timeout_s=fetch_timeout_s)
    if missing is None:
        return found
    with ONE_AT_A_TIME:
        from pigeonhole.encoders import weights

    model, _, tag = DEFAULT.partition("/")
    deadline = time.monotonic() + download_timeout_s
    try:
        bounded(
            lambda: weights.fetch(model, tag, deadline=deadline, report=told(DEFAULT, logger.info)),
            download_timeout_s + SLACK_S,
        )
    except OSError as error:
        logger.warning(
            "CLIP could not be downloaded, so the bundled encoder is used instead: %s", error
        )
        return BUNDLED
    return DEFAULT


def outlook(*, fetch_timeout_s: float) -> tuple[str, str | None]:
    """Return what ``auto`` chooses now, and what is missing to load it; nothing is fetched."""
    with ONE_AT_A_TIME:
        from pigeonhole.encoders import weights

    model, _, tag = DEFAULT.partition("/")
    if weights.cached(model, tag) is not None:
        return DEFAULT, None
    under_way = weights.progress(model, tag)
    if under_way is not None:
        return DEFAULT, f"its weights are being downloaded, {share(*under_way)}"
    try:
        size = bounded(lambda: weights.size(model, tag, timeout_s=fetch_timeout_s), fetch_timeout_s)
    except OSError as error:
        logger.warning(
            "The model hub did not answer, so the bundled encoder is used instead of CLIP: %s",
            error,
        )
        return BUNDLED, None
    return DEFAULT, f"its weights, {size / 1e6:,.0f} MB, are downloaded at the first start"


def is_here(spec: str) -> bool:
    """Return whether an encoder loads without a request, by its name.

    Raises:
        ValueError: There is no such encoder.
    """
    model, slash, tag = spec.partition("/")
    if not slash or ":" in spec:
        if spec == BUNDLED:
            return True
        raise ValueError(f"{spec!r} is no encoder: name it as `model/pretrained`, or `bundled`.")
    with ONE_AT_A_TIME:
        from pigeonhole.encoders import weights

    return weights.cached(model, tag) is not None


def fetching() -> str | None:
    """Return how much of the default encoder's weights this machine has, while it fetches them.

    It imports nothing and does not wait for imports.
    """
    if not ONE_AT_A_TIME.acquire(blocking=False):
        return None
    try:
        if "pigeonhole.encoders.weights" not in sys.modules:  # as it is wherever they are fetched
            return None
        from pigeonhole.encoders import weights
    finally:
        ONE_AT_A_TIME.release()

    model, _, tag = DEFAULT.partition("/")
    under_way = weights.progress(model, tag)
    return under_way and share(*under_way)


def bounded(call: Callable[[], T], timeout_s: float) -> T:
    """Call something in a thread of its own, which is left behind when the time is up.

    A socket's timeout bounds neither the look-up of a name nor the sum of the reads.

    Raises:
        TimeoutError: It took too long.
        OSError, ValueError: As the call does.
    """
    found: list[T] = []
    raised: list[Exception] = []

    def carry_out() -> None:
        try:
            found.append(call())
        except Exception as error:  # noqa: BLE001 - raised again below
            raised.append(error)

    thread = Thread(target=carry_out, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if raised:
        raise raised[0]
    if not found:
        raise TimeoutError(f"no result within {timeout_s:g} seconds")
    return found[0]


def told(spec: str, say: Callable[[str], object]) -> Callable[[int, int], None]:
    """Return a function that tells now and then how much of some weights is there."""
    said_at = float("-inf")

    def report(done: int, total: int) -> None:
        nonlocal said_at
        now = time.monotonic()
        if now > said_at + REPORT_S or done == total:
            said_at = now
            say(f"Downloading {spec}: {share(done, total)}.")

    return report


def share(done: int, total: int) -> str:
    """Say how much of a file is there."""
    return f"{100 * done // max(1, total)} % of {total / 1e6:,.0f} MB"
