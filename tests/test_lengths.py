"""A source file has at most 300 lines: a longer one has more than one subject."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST = 300
FOLDERS = (
    "pigeonhole", "server", "worker", "client", "benchmarks", "frontend-stub/src",
    "frontend-stub/tests", "tests",
)  # fmt: skip
WRITTEN_BY_TOOLS = (
    "pigeonhole/migrations",
    "client/pigeonhole_client/api",
    "client/.venv",
    "tests/clients/node_modules",
)
LONGER: dict[str, str] = {}
"""Files that may be longer, each with the reason."""


def sources() -> Iterator[Path]:
    """Yield every source file, without those that tools generate, such as migrations."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            is_code = path.suffix in {".py", ".ts", ".tsx", ".css"}
            written = path.relative_to(ROOT).as_posix().startswith(WRITTEN_BY_TOOLS)
            if is_code and not path.name.endswith(".d.ts") and not written:
                yield path


def test_no_source_file_is_longer_unless_a_reason_is_given() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources()
    }

    assert len(lengths) > 200
    assert {name: length for name, length in lengths.items() if length > MOST} == {
        name: lengths[name] for name in LONGER
    }
