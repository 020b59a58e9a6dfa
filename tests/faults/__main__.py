"""Causes faults by ``python -m tests.faults``, and prints what is found; see ``--help``."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.faults.driver import Report, drive
from tests.faults.world import many_processes, one_machine

DEPLOYMENTS = {"one": one_machine, "many": many_processes}


def main() -> int:
    """Cause faults in each deployment that was asked for; return 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--faults", type=int, default=100, help="in each deployment")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deployment", choices=[*DEPLOYMENTS, "both"], default="both")
    given = parser.parse_args()
    wrong = 0
    for name, deployment in DEPLOYMENTS.items():
        if given.deployment not in (name, "both"):
            continue
        print(f"{name}: seed {given.seed}", flush=True)
        folder = Path(tempfile.mkdtemp(prefix="pigeonhole-faults-"))
        with deployment(folder) as world:
            report: Report = asyncio.run(
                drive(
                    world,
                    seed=given.seed,
                    count=given.faults,
                    say=lambda line: print(line, flush=True),
                )
            )
        print("\n".join(report.lines()), f"\nlogs: {folder}", flush=True)
        wrong += len(report.wrong) + sum(report.tracebacks.values())
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
