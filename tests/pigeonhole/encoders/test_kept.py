"""What encoders derive from their weights is kept in a folder, for later starts."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pigeonhole.encoders.kept import kept


class Source:
    """Writes files, and counts how often."""

    times = 0

    def __call__(self, folder: Path) -> None:
        self.times += 1
        (folder / "row").write_bytes(b"0123456789")
        (folder / "text").write_text("abc")


def read(folder: Path | None, source: Source, follows_from: str = "weights 1") -> Path:
    with kept(folder, "encoder", follows_from, source) as files:
        assert (files / "row").read_bytes() == b"0123456789"
        assert (files / "text").read_text() == "abc"
    return files


def results(folder: Path) -> list[str]:
    """Return the names of all but the lock."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".encoder.lock")


def test_files_are_derived_once_for_a_folder(tmp_path: Path) -> None:
    source = Source()

    for _ in range(3):
        read(tmp_path / "made" / "when it is missing", source)

    assert source.times == 1


def test_without_a_folder_nothing_is_kept() -> None:
    source = Source()

    used = [read(None, source) for _ in range(2)]

    assert source.times == 2
    assert [files.exists() for files in used] == [False, False]


def test_a_change_of_what_they_follow_from_replaces_them(tmp_path: Path) -> None:
    source = Source()
    for name in ("encoder-0123456789abcdef.npz", "encoder-2-0123456789abcdef", "encoder-0"):
        (tmp_path / name).touch()
    before = read(tmp_path, source)

    after = read(tmp_path, source, "weights 2")

    assert source.times == 2
    assert after != before
    assert results(tmp_path) == sorted(["encoder-0", "encoder-2-0123456789abcdef", after.name])


def test_files_that_are_no_longer_current_are_written_anew(tmp_path: Path) -> None:
    source = Source()
    read(tmp_path, source)

    with kept(tmp_path, "encoder", "weights 1", source, is_current=lambda files: False) as files:
        assert (files / "text").read_text() == "abc"

    assert source.times == 2
    assert results(tmp_path) == [files.name]


@pytest.mark.parametrize("size", [0, 9])
def test_a_file_that_is_cut_off_is_written_anew(tmp_path: Path, size: int) -> None:
    source = Source()
    file = read(tmp_path, source) / "row"
    file.write_bytes(file.read_bytes()[:size])

    read(tmp_path, source)
    read(tmp_path, source)

    assert source.times == 2


def test_a_file_with_one_changed_byte_is_written_anew(tmp_path: Path) -> None:
    source = Source()
    (read(tmp_path, source) / "row").write_bytes(b"0123456780")

    read(tmp_path, source)

    assert source.times == 2


def test_a_failure_leaves_nothing_and_the_next_start_derives_them(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "row").touch()
        raise ValueError("no such weights")

    with (
        pytest.raises(ValueError, match="no such weights"),
        kept(tmp_path, "encoder", "weights 1", fail),
    ):
        pass

    assert results(tmp_path) == []
    read(tmp_path, Source())


def test_what_a_killed_process_left_is_deleted(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-encoder-abc").mkdir()
    (tmp_path / ".unfinished-encoder-abc" / "row").touch()

    files = read(tmp_path, Source())

    assert results(tmp_path) == [files.name]


def test_two_that_start_at_once_derive_them_once(tmp_path: Path) -> None:
    source, both = Source(), threading.Barrier(2)

    def start(_: int) -> None:
        both.wait(60)
        read(tmp_path, source)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(start, range(2)))

    assert source.times == 1


def test_where_nothing_can_be_written_files_are_derived_each_time(tmp_path: Path) -> None:
    source = Source()
    (tmp_path / "file").touch()

    for _ in range(2):
        read(tmp_path / "file" / "below", source)

    assert source.times == 2
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
