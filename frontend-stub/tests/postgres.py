"""Run a PostgreSQL that can be killed, for a test of the page.

Usage: python postgres.py FOLDER

Prints the URL of its database. Each line of standard input kills it, or starts it again, and is
answered with a line; the end of standard input ends all.
"""

import sys
from pathlib import Path

from tests.faults import backing


def main() -> None:
    """Run until standard input ends; print an empty line where PostgreSQL is not installed."""
    if backing.postgres_programs() is None:
        print(flush=True)
        return
    with backing.postgres(Path(sys.argv[1])) as (process, url):
        print(url, flush=True)
        for line in sys.stdin:
            if line.strip() == "kill":
                process.kill()
            else:
                process.start()
            print(line.strip(), flush=True)


if __name__ == "__main__":
    main()
