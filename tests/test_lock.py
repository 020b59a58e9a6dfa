"""The two files that fix what is installed: versions in lock.txt, files in hashes.txt."""

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
OURS = {"pigeonhole", "pigeonhole-client"}
OF_A_BUILD_OF_TORCH = re.compile(r"(torch|torchvision|triton|cuda-.+|nvidia-.+)$")
VERSION = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def versions(file: str) -> dict[str, str]:
    """Return the version of each package that a file names."""
    return dict(VERSION.findall((ROOT / file).read_text()))


def needed(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """Return the packages that an installed one needs on this machine, directly or not."""
    found: set[str] = set()
    waiting = [(name, extras)]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        for line in metadata.requires(name) or []:
            requirement = Requirement(line)
            marker = requirement.marker
            if marker and not any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                continue
            found.add(canonicalize_name(requirement.name))
            following = (canonicalize_name(requirement.name), frozenset(requirement.extras))
            if following not in seen and not OF_A_BUILD_OF_TORCH.match(following[0]):
                seen.add(following)
                waiting.append(following)
    return found


def test_hashes_are_of_the_locked_versions() -> None:
    locked, hashed = versions("lock.txt"), versions("hashes.txt")

    assert {name: locked.get(name) for name in hashed} == hashed


def test_every_package_with_a_version_has_the_sha256_of_its_files() -> None:
    for entry in re.split(r"\n(?=\S)", (ROOT / "hashes.txt").read_text().strip()):
        first, *hashes = [line.strip(" \\") for line in entry.splitlines()]

        assert VERSION.match(first), first
        assert hashes, first
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in hashes), first


def test_every_package_that_the_product_needs_has_hashes_except_builds_of_torch() -> None:
    without = needed("pigeonhole") - OURS - versions("hashes.txt").keys()

    assert sorted(name for name in without if not OF_A_BUILD_OF_TORCH.match(name)) == []
    assert {"torch", "torchvision"} <= without


def test_neither_file_names_an_index() -> None:
    for file in ("lock.txt", "hashes.txt"):
        assert "://" not in (ROOT / file).read_text()
        assert "index" not in re.sub(r"^\S*index\S*==", "", (ROOT / file).read_text(), flags=re.M)
