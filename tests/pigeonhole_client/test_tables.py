"""Tables of images and labels, as people and other tools write them."""

import importlib
import io
import json
import sys

import pytest
from pigeonhole_client.errors import UnusableFileError
from pigeonhole_client.files.tables import Row, read


def rows(name: str, text: str) -> list[Row]:
    return list(read(name, text.encode()))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "file_name,label,external_id\na.jpg,Soups,7\n"),
        (
            "a.csv",
            "\ufeffFilename;Class;ID\r\na.jpg;Soups;7\r\n",
        ),  # as Excel writes it in much of Europe
        ("a.tsv", "path\tcategory\tid\na.jpg\tSoups\t7\n"),
        ("a.jsonl", '{"image": "a.jpg", "tag": "Soups", "id": 7}\n\n'),
        ("a.json", '[{"file": "a.jpg", "label": "Soups", "id": 7}]'),
    ],
)
def test_columns_are_found_by_their_usual_names(name: str, text: str) -> None:
    assert rows(name, text) == [Row("a.jpg", None, "Soups", "7")]


def test_a_url_is_recognised_by_its_scheme() -> None:
    text = "image,label\nhttps://a.example/1.jpg,Soups\n2.jpg,\n"

    assert rows("a.csv", text) == [
        Row(None, "https://a.example/1.jpg", "Soups", None),
        Row("2.jpg", None, None, None),
    ]


def test_a_label_studio_export_gives_the_first_choice_that_was_not_cancelled() -> None:
    task = {
        "id": 3,
        "data": {"image": "https://a.example/1.jpg"},
        "annotations": [
            {"was_cancelled": True, "result": [{"value": {"choices": ["Desserts"]}}]},
            {"was_cancelled": False, "result": [{"value": {"choices": ["Soups"]}}]},
        ],
    }

    assert rows("export.json", json.dumps([task])) == [
        Row(None, "https://a.example/1.jpg", "Soups", "3")
    ]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        (
            "a.csv",
            b"photo,label\na.jpg,Soups\n",
            "a.csv, row 1: there is no path or URL of an image.",
        ),
        ("a.csv", b"\xff\xfe", "a.csv is not encoded in UTF-8. Save it as UTF-8."),
        ("a.jsonl", b"{", "a.jsonl, line 1: not JSON:"),
        ("a.jsonl", b"3", "a.jsonl, line 1: not an object."),
        ("a.json", b"{}", "a.json is neither a list of objects"),
        ("a.xml", b"<a", "a.xml: not XML:"),
        ("a.xml", b"<a/>", "a.xml: no annotations of CVAT for images."),
    ],
)
def test_an_unreadable_table_is_refused_with_the_place_and_the_reason(
    name: str, data: bytes, said: str
) -> None:
    with pytest.raises(UnusableFileError) as caught:
        list(read(name, data))

    assert str(caught.value).startswith(said)


def test_parquet_is_read_if_pyarrow_is_installed_and_otherwise_refused_with_advice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UnusableFileError, match=r"pip install 'pigeonhole-client\[parquet\]'"):
        list(read("a.parquet", b""))
    monkeypatch.undo()
    pa = importlib.import_module("pyarrow")
    parquet = importlib.import_module("pyarrow.parquet")
    file = io.BytesIO()
    columns = {"file_name": ["a.jpg"], "label": ["Soups"], "id": [7]}
    parquet.write_table(pa.table(columns), file)

    assert list(read("a.parquet", file.getvalue())) == [Row("a.jpg", None, "Soups", "7")]
    with pytest.raises(UnusableFileError, match=r"a\.parquet is not a Parquet file"):
        list(read("a.parquet", b"no"))
