"""Data URIs in all forms that programs write."""

import base64
from urllib.parse import quote

import pytest

from pigeonhole.errors import InvalidError
from server.api.inputs import read_data_uri
from tests import make
from tests.client import Client

PICTURE = make.picture(1)
STANDARD = base64.b64encode(PICTURE).decode()
LINES = base64.encodebytes(PICTURE).decode()
OF_URLS = base64.urlsafe_b64encode(PICTURE).decode()
BYTES = (
    bytes(range(256)) + b"\xfb\xff\xfe?"
)  # contains both characters in which the alphabets differ
FORMS = {
    "as usual": f"data:image/png;base64,{STANDARD}",
    "without padding": f"data:image/png;base64,{STANDARD.rstrip('=')}",
    "with line breaks": f"data:image/png;base64,\n{LINES}",
    "with Windows' line breaks": "data:image/png;base64," + LINES.replace("\n", "\r\n\t"),
    "with escaped line breaks": "data:image/png;base64," + LINES.replace("\n", "%0D%0A"),
    "by the alphabet of URLs": f"data:image/png;base64,{OF_URLS}",
    "by the alphabet of URLs, without padding": f"data:;base64,{OF_URLS.rstrip('=')}",
    "with escaped base64": "data:image/png;base64," + quote(STANDARD, safe=""),
    "with other words": f"DATA:image/png;name=a.png; BASE64,{STANDARD}",
    "within spaces": f" data:image/png;base64,{STANDARD}\n",
    "with a line break before the comma": f"data:image/png;\r\n base64 ,{STANDARD}",
    "with a fragment": f"data:image/png;base64,{STANDARD}#part",
    "with a character set": f"data:image/png;charset=utf-8;base64,{STANDARD}",
    "with form feeds": "data:image/png;base64,\f" + "\f".join(STANDARD),
    "with escaped bytes": "data:image/png," + quote(PICTURE),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_data_uri_is_read_in_every_form(form: str) -> None:
    assert read_data_uri(FORMS[form], ()).data == PICTURE


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("length", [0, 1, 2, 3, 258, 259, 260])
@pytest.mark.parametrize("padding", ["=", ""])
def test_bytes_of_any_length_are_decoded_unchanged(
    encode: object, length: int, padding: str
) -> None:
    assert callable(encode)
    text = encode(BYTES[:length]).decode().replace("=", padding)

    assert read_data_uri(f"data:;base64,{text}", ()).data == BYTES[:length]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("data:image/png;name=soup%20one.png;base64", "soup one.png"),
        ('data:image/png;filename="soup.png"; base64', "soup.png"),
        ("data:image/png;Name=a/b.png;charset=x;base64", "a/b.png"),
        ("data:image/png;surname=x;base64", None),
        ("data:;base64", None),
    ],
)
def test_a_name_in_a_data_uri_is_kept(head: str, name: str | None) -> None:
    assert read_data_uri(f"{head},{STANDARD}", ()).name == name


@pytest.mark.parametrize(
    "uri", ["data:;base64,A", "data:;base64,AB!D", "data:;base64,AB=D", "data:;base64,ä", "x,y", ""]
)
def test_an_invalid_data_uri_is_refused(uri: str) -> None:
    with pytest.raises(InvalidError, match="Data URI"):
        read_data_uri(uri, ())


async def test_data_uris_of_the_same_image_in_all_forms_are_one_sample(client: Client) -> None:
    function = await client.create_function()
    samples = [{"image": {"dataUri": uri}} for uri in FORMS.values()]

    added = await client.ask(
        """mutation ($input: AddSamplesInput!) { addSamples(input: $input) {
        createdCount results { error { message } } } }""",
        input={"functionId": function["id"], "samples": samples},
    )

    assert added["addSamples"] == {"createdCount": 1, "results": [{"error": None}] * len(FORMS)}
