"""The limit on open files, in a process of its own for each test."""

import subprocess
import sys

import pytest

from tests.pigeonhole.running import WITHIN_S

PROGRAM = """
import resource, sys
hard = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, hard), hard))
from pigeonhole.deployment.open_files import raise_limit
sys.stdout.write(f"raised to {raise_limit()}")
"""


@pytest.mark.parametrize(
    ("hard", "raised", "is_told"), [(1_024, 1_024, True), (4_096, 4_096, False)]
)
def test_the_limit_is_raised_as_far_as_allowed_and_a_low_one_is_reported(
    hard: int, raised: int, is_told: bool
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(hard)],
        capture_output=True,
        text=True,
        check=True,
        timeout=WITHIN_S,
    )

    assert ended.stdout.endswith(f"raised to {raised}")
    assert ("Few files may be open at once" in ended.stdout) is is_told
