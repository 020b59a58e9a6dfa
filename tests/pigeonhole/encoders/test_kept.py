"""What encoders derive from their weights is kept in a folder, for later starts."""

from pathlib import Path

import numpy as np
import pytest

from pigeonhole.encoders.kept import Arrays, kept


class Source:
    """Computes arrays, and counts how often."""

    times = 0

    def __call__(self) -> Arrays:
        self.times += 1
        return {"row": np.arange(3.0), "text": np.frombuffer(b"abc", np.uint8)}


def read(folder: Path | None, source: Source, follows_from: str = "weights 1") -> None:
    arrays = kept(folder, "encoder", follows_from, source)

    assert arrays["row"].tolist() == [0, 1, 2]
    assert arrays["text"].tobytes() == b"abc"


def test_arrays_are_computed_once_for_a_folder(tmp_path: Path) -> None:
    source = Source()

    for _ in range(3):
        read(tmp_path / "made" / "when it is missing", source)

    assert source.times == 1


def test_without_a_folder_nothing_is_kept() -> None:
    source = Source()

    for _ in range(2):
        read(None, source)

    assert source.times == 2


def test_a_change_of_what_they_follow_from_replaces_the_file(tmp_path: Path) -> None:
    source = Source()
    read(tmp_path, source)
    (before,) = tmp_path.iterdir()

    read(tmp_path, source, "weights 2")

    (after,) = tmp_path.iterdir()
    assert source.times == 2
    assert after != before


@pytest.mark.parametrize("size", [0, 10, 40, -1])
def test_a_file_that_is_cut_off_is_written_anew(tmp_path: Path, size: int) -> None:
    source = Source()
    read(tmp_path, source)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:size])

    read(tmp_path, source)
    read(tmp_path, source)

    assert source.times == 2


def test_a_file_with_one_changed_byte_is_written_anew(tmp_path: Path) -> None:
    source = Source()
    read(tmp_path, source)
    (file,) = tmp_path.iterdir()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)

    read(tmp_path, source)

    assert source.times == 2


def test_where_nothing_can_be_written_arrays_are_computed_each_time(tmp_path: Path) -> None:
    source = Source()
    (tmp_path / "file").touch()

    for _ in range(2):
        read(tmp_path / "file" / "below", source)

    assert source.times == 2
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
