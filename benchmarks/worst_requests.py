"""Processor time for which single requests hold the server's event loop.

``python -m benchmarks.worst_requests [PART OF A NAME]``. None of the requests has a key;
`tests.worst_requests` defines them. The encoder is small: it runs in threads, off the loop.
"""

import asyncio
import logging
import sys
import tempfile
from functools import partial
from pathlib import Path
from unittest.mock import patch

import structlog

from benchmarks.embedding import processor
from pigeonhole.services import database
from pigeonhole.settings import Settings
from server.transport.limits import Limits
from tests import backends, encoder, loop_turns, worst_requests

ROUNDS = 5


def main() -> None:
    """Send each request and print the table, the longest first."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(f"{processor()}, the longest turn of the loop, CPU ms, of {ROUNDS} requests")
    print(f"\n{'':36}{'least':>8}{'most':>8}")
    with patch("server.app.Limits", partial(Limits, strangers_looks=1.0)):
        found = sorted(measure(sys.argv[1] if sys.argv[1:] else ""), reverse=True)
    for least, most, kind in found:
        print(f"{kind:36}{least:8.1f}{most:8.1f}")


def measure(part: str) -> list[tuple[float, float, str]]:
    """Return the shortest and longest hold for each kind of request whose name has ``part``."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("queue", "data", "encoder"):
            (folder / each).mkdir()
        with backends.embedded_valkey(folder / "queue") as redis_url:
            database_url = f"sqlite://{folder}/rows.db"
            asyncio.run(database.migrate(database_url))
            settings = Settings(
                data_dir=folder / "data",
                database_url=database_url,
                redis_url=redis_url,
                encoder=encoder.save(folder / "encoder"),
                rate_points=10**9,
                rate_points_per_s=10**9,
                rate_invokes=10**6,
            )
            with loop_turns.held(settings) as running:
                for kind, made in worst_requests.KINDS.items():
                    if part in kind:
                        requests = [made(running.function) for _ in range(ROUNDS)]
                        took = [running.longest_ms(each)[0] for each in requests]
                        found.append((min(took), max(took), kind))
    return found


if __name__ == "__main__":
    main()
