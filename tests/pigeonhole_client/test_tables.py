"""Tables of images and labels, as people and other tools write them."""

import csv
import importlib
import io
import json
import sys

import pytest
from pigeonhole_client.errors import UnusableFileError
from pigeonhole_client.files import tables
from pigeonhole_client.files.tables import Row, read


def rows(name: str, text: str) -> list[Row]:
    return list(read(name, io.BytesIO(text.encode())))


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


def test_a_table_may_come_from_excel_or_an_old_mac() -> None:
    text = 'file;label\r\na.jpg;"Soups ""hot"""\r\n'

    assert list(read("a.csv", io.BytesIO(text.encode("utf-16")))) == rows("a.csv", text)
    assert rows("a.csv", text) == [Row("a.jpg", None, 'Soups "hot"', None)]
    assert rows("a.csv", "file,label\ra.jpg,Soups\r") == [Row("a.jpg", None, "Soups", None)]


def test_a_row_without_an_image_is_refused_alone() -> None:
    empty, next_ = rows("a.csv", "file,label\n,Soups\nb.jpg,Soups,more\n")

    assert (empty.path, empty.problem) == ("a.csv, row 1", "the row names no image")
    assert next_ == Row("b.jpg", None, "Soups", None)


def test_numbers_are_labels_and_identifiers_too() -> None:
    text = '{"file": "a.jpg", "label": 3.0, "id": 7}\n{"file": "b.jpg", "label": NaN, "id": 0.5}\n'

    assert rows("a.jsonl", text) == [
        Row("a.jpg", None, "3", "7"),
        Row("b.jpg", None, None, "0.5"),
    ]


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


def test_a_task_of_label_studio_with_several_choices_is_refused() -> None:
    choices = {"result": [{"value": {"choices": ["Soups", "Desserts"]}}]}
    task = {
        "id": 3,
        "data": {"image": "/data/local-files/?d=a%20b/1.jpg"},
        "annotations": [choices],
    }

    assert rows("export.json", json.dumps([task])) == [
        Row("/a b/1.jpg", None, None, "3", None, "it has several labels: Soups, Desserts")
    ]


def test_images_of_custom_vision_are_taken_as_its_api_lists_them() -> None:
    first = {
        "id": "3b1c",
        "originalImageUri": "https://a.example/original",
        "resizedImageUri": "https://a.example/resized",
        "tags": [{"tagId": "7", "tagName": "Soups"}],
        "regions": [],
    }
    second = {"id": "4d", "imageUri": "https://a.example/2", "tags": None}
    both = {"id": "5e", "originalImageUri": "https://a.example/3"} | {
        "tags": [{"tagName": "Soups"}, {"tagName": "Desserts"}]
    }

    assert rows("images.json", json.dumps([first, second, both])) == [
        Row(None, "https://a.example/original", "Soups", "3b1c"),
        Row(None, "https://a.example/2", None, "4d"),
        Row(
            None,
            "https://a.example/3",
            None,
            "5e",
            None,
            "it has several labels: Soups, Desserts",
        ),
    ]


def test_samples_of_nyckel_are_taken_as_its_api_lists_them() -> None:
    samples = [
        {
            "id": "sample_1",
            "externalId": "17",
            "data": "https://a.example/1",
            "annotation": {"labelName": "Soups"},
        },
        {"id": "sample_2", "data": "data:image/png;base64,AAAA", "annotation": None},
    ]

    assert rows("samples.json", json.dumps(samples)) == [
        Row(None, "https://a.example/1", "Soups", "17"),
        Row(None, "data:image/png;base64,AAAA", None, "sample_2"),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", 'Image,Label,City,note,metadata\na.jpg,Soups,Bern,,"{""n"": 1}"\n'),
        ("a.jsonl", '{"image": "a.jpg", "label": "Soups", "City": "Bern", "metadata": {"n": 1}}'),
        ("a.json", '[{"image": "a.jpg", "label": "Soups", "City": "Bern", "n": 1, "no": null}]'),
    ],
)
def test_columns_that_say_nothing_else_are_metadata(name: str, text: str) -> None:
    assert rows(name, text) == [
        Row("a.jpg", None, "Soups", None, metadata={"City": "Bern", "n": "1"})
    ]


def test_of_an_export_only_metadata_is_metadata_and_accepted_predictions_are_no_labels() -> None:
    known = {"file_name": "a.jpg", "label": "Soups", "sample_id": "sm_1", "sha256": "0"}
    given = {"metadata": {"city": "Bern"}, "confirmed": True, "annotation_source": "PERSON"}
    accepted = {"metadata": None, "confirmed": False, "annotation_source": "ACCEPTED"}

    found = rows("a.jsonl", f"{json.dumps(known | given)}\n{json.dumps(known | accepted)}")

    assert found == [
        Row("a.jpg", None, "Soups", None, "", metadata={"city": "Bern"}, confirmed=True),
        Row("a.jpg", None, None, None, ""),
    ]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "json", "xml"])
def test_a_row_is_read_without_the_rest_of_its_table(kind: str) -> None:
    count = 50_000
    record = '{"file_name": "a.jpg"}'
    text = {
        "csv": "file_name\n" + "a.jpg,0123456789\n" * count,
        "jsonl": f"{record}\n" * count,
        "json": f"[{', '.join([record] * count)}]",
        "xml": "<annotations>" + "<image name='a.jpg'/>" * count + "</annotations>",
    }
    file = io.BytesIO(text[kind].encode())

    found = read(f"a.{kind}", file)
    first = next(found)

    assert first.path == "a.jpg"
    assert file.tell() < len(text[kind]) / 4
    assert sum(1 for _ in found) == count - 1


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        (
            "a.csv",
            b"photo,label\na.jpg,Soups\n",
            "a.csv, row 1: there is no path or URL of an image.",
        ),
        (
            "a.csv",
            b"file,label\na.jpg,Caf\xe9\n",
            "a.csv is not encoded in UTF-8. Save it as UTF-8.",
        ),
        ("a.jsonl", b"{", "a.jsonl, line 1: not JSON:"),
        ("a.jsonl", b"3", "a.jsonl, line 1: not an object."),
        ("a.csv", b"\xff\xfea", "a.csv is not encoded in UTF-8. Save it as UTF-8."),
        ("a.csv", b"a.jpg,Soups\nb.jpg,Soups\n", "a.csv, row 1: there is no path or URL"),
        ("a.json", b"{}", "a.json is neither a list of objects"),
        ("a.xml", b"<a", "a.xml: not XML:"),
        ("a.xml", b"<a/>", "a.xml: no annotations of CVAT for images."),
    ],
)
def test_an_unreadable_table_is_refused_with_the_place_and_the_reason(
    name: str, data: bytes, said: str
) -> None:
    with pytest.raises(UnusableFileError) as caught:
        list(read(name, io.BytesIO(data)))

    assert str(caught.value).startswith(said)


def test_a_field_that_is_too_long_is_refused_with_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_OF_FIELD", 10)
    limit = csv.field_size_limit()

    with pytest.raises(UnusableFileError, match=r"a\.csv, row 2: not CSV: field larger than"):
        rows("a.csv", "file,label\na.jpg,Soups\nb.jpg,Minestrone soups\n")

    assert csv.field_size_limit() == limit  # that of the process is as it was


def test_parquet_is_read_if_pyarrow_is_installed_and_otherwise_refused_with_advice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UnusableFileError, match=r"pip install 'pigeonhole-client\[parquet\]'"):
        list(read("a.parquet", io.BytesIO()))
    monkeypatch.undo()
    pa = importlib.import_module("pyarrow")
    parquet = importlib.import_module("pyarrow.parquet")
    file = io.BytesIO()
    columns = {"file_name": ["a.jpg"], "label": ["Soups"], "id": [7]}
    parquet.write_table(pa.table(columns), file)

    assert list(read("a.parquet", file)) == [Row("a.jpg", None, "Soups", "7")]
    with pytest.raises(UnusableFileError, match=r"a\.parquet is not a Parquet file"):
        list(read("a.parquet", io.BytesIO(b"no")))
