"""Images that are found in folders, archives and single files."""

import base64
import tarfile
import zipfile
from pathlib import Path

import pytest
from pigeonhole_client.errors import UnusableFileError
from pigeonhole_client.files.found import FileKind, find


def tree(folder: Path) -> Path:
    """Photos in two label folders, and files that are no photos."""
    for name in ("Soups/1.jpg", "Desserts/2.PNG", "notes.txt", ".hidden/3.jpg", "__MACOSX/4.jpg"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return folder


def labelled(path: Path) -> list[tuple[bytes, str | None]]:
    found = find(path, labels_from_folders=True)
    return [(image.read(), image.label) for image in found if image.read is not None]


EXPECTED = [(b"Desserts/2.PNG", "Desserts"), (b"Soups/1.jpg", "Soups")]


def test_images_have_the_folder_that_contains_them_as_label(tmp_path: Path) -> None:
    folder = tree(tmp_path / "photos")

    assert labelled(folder) == EXPECTED
    assert labelled(folder / "Soups") == [(b"Soups/1.jpg", "Soups")]
    assert [image.label for image in find(folder, labels_from_folders=False)] == [None, None]


def test_zip_and_tar_archives_are_read_without_unpacking_them(tmp_path: Path) -> None:
    folder = tree(tmp_path / "photos")
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    with tarfile.open(tmp_path / "photos.tar.gz", "w:gz") as tar:
        tar.add(folder, "photos")

    assert sorted(labelled(tmp_path / "photos.zip")) == EXPECTED
    assert sorted(labelled(tmp_path / "photos.tar.gz")) == EXPECTED


def test_a_table_in_a_folder_describes_its_images(tmp_path: Path) -> None:
    folder = tree(tmp_path / "photos")
    table = '{"file_name": "Soups/1.jpg", "label": "Broth"}\n{"file_name": "gone.jpg"}\n'
    (folder / "metadata.jsonl").write_text(table)

    first, second = find(folder, labels_from_folders=True)

    assert (first.name, first.label) == ("Soups/1.jpg", "Broth")
    assert first.read is not None
    assert first.read() == b"Soups/1.jpg"
    assert second.read is not None
    with pytest.raises(OSError, match=r"gone\.jpg is not in the table's folder"):
        second.read()


TOOLS = {
    "annotations.xml": """<annotations><version>1.1</version>
        <image id="0" name="1.jpg"><tag label="Soups" source="manual"/></image>
        <image id="1" name="deep/2.jpg"><tag label="Soups"/><tag label="Broth"/></image>
        <image id="2" name="3.jpg"><box label="Spoon"/></image></annotations>""",
    "_annotations.coco.json": """{
        "images": [{"id": 7, "file_name": "1.jpg"}, {"id": 8, "file_name": "deep/2.jpg"},
                   {"id": 9, "file_name": "3.jpg"}],
        "categories": [{"id": 1, "name": "Soups"}, {"id": 2, "name": "Broth"}],
        "annotations": [{"image_id": 7, "category_id": 1}, {"image_id": 7, "category_id": 1},
                        {"image_id": 8, "category_id": 1}, {"image_id": 8, "category_id": 2}]}""",
    "_classes.csv": "filename, Soups, Broth\n1.jpg, 1, 0\ndeep/2.jpg, 1, 1\n3.jpg, 0, 0\n",
}
TOOLS["annotations/instances_default.json"] = TOOLS["_annotations.coco.json"]


@pytest.mark.parametrize("name", TOOLS)
def test_exports_of_other_tools_give_each_image_its_one_label(tmp_path: Path, name: str) -> None:
    for image in ("images/1.jpg", "images/deep/2.jpg", "images/3.jpg", name):
        (tmp_path / image).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / image).write_text(image)
    (tmp_path / name).write_text(TOOLS[name])

    first, second, third = find(tmp_path, labels_from_folders=True)

    assert first.read is not None
    assert (first.read(), first.label, first.file_name) == (b"images/1.jpg", "Soups", "1.jpg")
    assert second.read is not None
    with pytest.raises(OSError, match="it has several labels: Soups, Broth"):
        second.read()
    assert third.read is not None
    assert (third.read(), third.label) == (b"images/3.jpg", None)


def test_a_folder_above_others_with_images_names_no_label(tmp_path: Path) -> None:
    for name in ("loose.jpg", "Soups/1.jpg", "Soups/2024/2.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())

    assert sorted(labelled(tmp_path / "photos")) == [
        (b"Soups/1.jpg", None),
        (b"Soups/2024/2.jpg", "2024"),
        (b"loose.jpg", None),
    ]


def test_files_of_a_table_are_found_where_they_lie_now(tmp_path: Path) -> None:
    folder = tree(tmp_path / "photos")
    elsewhere = tmp_path / "elsewhere.jpg"
    elsewhere.write_bytes(b"elsewhere")
    table = folder / "table.csv"
    table.write_text(
        "file,label\nSoups\\1.jpg,a\nC:\\data\\photos\\Soups\\1.jpg,b\n"
        f"/data/upload/Soups/1.jpg,c\n../elsewhere.jpg,d\n{elsewhere},e\n"
        f"photos/Soups/1.jpg,f\n{'x' * 300},g\n"
    )

    *found, relative, long = find(table, labels_from_folders=False)

    assert [(image.read and image.read(), image.label, image.file_name) for image in found] == [
        (b"Soups/1.jpg", "a", "1.jpg"),
        (b"Soups/1.jpg", "b", "1.jpg"),
        (b"Soups/1.jpg", "c", "1.jpg"),
        (b"elsewhere", "d", "elsewhere.jpg"),
        (b"elsewhere", "e", "elsewhere.jpg"),
    ]
    for image in (relative, long):
        assert image.read is not None
        with pytest.raises(OSError, match="is not in the table's folder"):
            image.read()


@pytest.mark.parametrize("kind", [FileKind.CSV, FileKind.ZIP, FileKind.IMAGE])
def test_the_kind_of_a_file_may_be_said_whatever_its_name_ends_with(
    tmp_path: Path, kind: FileKind
) -> None:
    file = tmp_path / "photos.bin"
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("1.jpg", b"first")
    data = {
        FileKind.CSV: b"url,label\nhttps://example.org/1.jpg,Soups\n",
        FileKind.ZIP: (tmp_path / "photos.zip").read_bytes(),
        FileKind.IMAGE: b"first",
    }
    file.write_bytes(data[kind])
    with pytest.raises(UnusableFileError, match="Say what it is with `kind`"):
        list(find(file, labels_from_folders=False))

    found = find(file, labels_from_folders=False, kind=kind)
    image = next(found)

    if kind is FileKind.CSV:
        assert (image.url, image.label) == ("https://example.org/1.jpg", "Soups")
    else:
        assert image.read is not None
        assert image.read() == b"first"


def test_a_table_in_an_archive_reads_nothing_outside_of_it(tmp_path: Path) -> None:
    (tmp_path / "private.jpg").write_bytes(b"private")
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("metadata.csv", f"file_name\n{tmp_path}/private.jpg\n../private.jpg\n")

    for image in find(tmp_path / "photos.zip", labels_from_folders=False):
        assert image.read is not None
        with pytest.raises(OSError, match="is not in the table's folder"):
            image.read()


@pytest.mark.parametrize("name", ["photos.zip", "photos.tar", "photos.tar.gz"])
def test_a_damaged_archive_is_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no archive")

    with pytest.raises(UnusableFileError, match=f"{name} cannot be read as an archive"):
        list(find(tmp_path / name, labels_from_folders=True))


def test_only_the_damaged_file_of_an_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.jpg", b"first")
        archive.writestr("2.jpg", b"second")
    path.write_bytes(path.read_bytes().replace(b"first", b"worst", 1))

    said = []
    for image in find(path, labels_from_folders=False):
        assert image.read is not None
        try:
            said.append(image.read())
        except OSError as error:
            said.append(str(error).encode())

    assert said == [b"it is damaged: Bad CRC-32 for file '1.jpg'", b"second"]


def test_a_path_without_anything_to_import_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.csv").write_text("file,label\n")

    for path, said in (
        ("notes.txt", "is not an image, a folder"),
        ("gone", "does not exist."),
        ("empty", "contains no images."),
        ("empty.csv", "contains no images."),
    ):
        with pytest.raises(UnusableFileError, match=said):
            list(find(tmp_path / path, labels_from_folders=True))


def test_a_table_may_hold_its_images_as_data_uris(tmp_path: Path) -> None:
    long = base64.urlsafe_b64encode(bytes(range(256)) * 1_000).decode().rstrip("=")
    table = tmp_path / "images.csv"
    table.write_text(
        "image;label\n"
        f'"data:image/png;name=a%20b.png;base64,{long}";Soups\n'
        '"data:,a%2Cb";Soups\n'
        '"data:;base64,A";Soups\n'
    )

    named, bare, damaged = find(table, labels_from_folders=False)

    assert named.read is not None
    assert named.read() == bytes(range(256)) * 1_000
    assert (named.label, named.file_name, named.url) == ("Soups", "a b.png", None)
    assert named.name == f"data:image/png;name=a%20b.png;base64,{long}"[:60] + "..."
    assert bare.read is not None
    assert (bare.read(), bare.file_name) == (b"a,b", "")
    assert damaged.read is not None
    with pytest.raises(OSError, match="not valid base64"):
        damaged.read()
