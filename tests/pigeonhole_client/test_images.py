"""Images as callers give them: paths, URLs, data URIs and bytes."""

import base64
from pathlib import Path

import pytest
from pigeonhole_client.errors import UnusableFileError
from pigeonhole_client.images import image_input

from tests.server.api.test_data_uris import FORMS, PICTURE


@pytest.mark.parametrize("form", FORMS)
def test_a_data_uri_is_read_in_every_form_that_the_server_takes(form: str) -> None:
    upload = image_input(FORMS[form]).upload

    assert upload is not None
    assert upload.content.read() == PICTURE
    assert upload.filename == ("a.png" if "name=a.png" in FORMS[form] else "image")


@pytest.mark.parametrize("uri", ["data:;base64,A", "data:;base64,AB!D", "data:image/png"])
def test_a_damaged_data_uri_is_told_before_it_is_sent(uri: str) -> None:
    with pytest.raises(UnusableFileError, match="The image cannot be read: the data URI"):
        image_input(uri)


def test_a_path_and_bytes_are_uploaded_and_a_url_is_named(tmp_path: Path) -> None:
    path = tmp_path / "soup.png"
    path.write_bytes(PICTURE)

    by_path, by_bytes = image_input(str(path)).upload, image_input(PICTURE).upload

    assert by_path is not None
    assert by_bytes is not None
    assert (by_path.filename, by_path.content.read()) == ("soup.png", PICTURE)
    assert by_bytes.content.read() == PICTURE
    assert image_input("https://a.example/1.png").url == "https://a.example/1.png"
    with pytest.raises(UnusableFileError, match="cannot be read"):
        image_input(base64.b64encode(PICTURE).decode()[:100])
