"""Programs in a network of their own, since Ray listens on all interfaces without authentication.

They can use two processes, and 127.0.0.1 is the only address. All processes that they start end
with them.
"""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.pigeonhole.running import environment

ROOT = Path(__file__).parents[3]
ISOLATED = (
    "unshare", "--map-root-user", "--net", "--pid", "--fork", "--mount-proc", "--kill-child",
)  # fmt: skip
LIMIT_S = 560

needs_ray = pytest.mark.skipif(
    find_spec("ray") is None, reason="Ray is not installed: pip install -c lock.txt '.[ray]'"
)


def _can_isolate() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*ISOLATED, "true"], capture_output=True, timeout=30).returncode == 0


def run_isolated(program: str, *arguments: str) -> str:
    """Run a module of this folder, and return the JSON object that it prints; Ray prints too."""
    if not _can_isolate():
        pytest.skip("This user may not create networks by `unshare`.")
    start = f'ip link set lo up && exec {sys.executable} -m "$@"'
    module = f"tests.pigeonhole.cluster.{program}"
    done = subprocess.run(
        [*ISOLATED, "sh", "-c", start, "sh", module, *arguments],
        cwd=ROOT,
        env=environment(RAY_USAGE_STATS_ENABLED="0", PYTHONPATH=f"{ROOT}:{ROOT / 'client'}"),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(line for line in reversed(done.stdout.splitlines()) if line.startswith("{"))
