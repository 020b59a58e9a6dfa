"""The guide for users of Azure Custom Vision, against a stub of its API."""

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pigeonhole_client.files.found import find

GUIDE = Path(__file__).parents[2] / "docs" / "from-azure-custom-vision.md"
IMAGES = [
    {
        "id": f"{number}",
        "originalImageUri": f"https://a.example/{number}.jpg",
        "tags": [{"tagId": "1", "tagName": "Soups"}],
    }
    for number in range(300)
]


class CustomVision(BaseHTTPRequestHandler):
    """Lists 300 tagged images, as its reference describes."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        allowed = self.headers["Training-Key"] == "secret" and url.path == (
            "/customvision/v3.3/training/projects/project/images/tagged"
        )
        skip, take = (int(parse_qs(url.query)[name][0]) for name in ("skip", "take"))
        self.send_response(200 if allowed else 401)
        self.end_headers()
        self.wfile.write(json.dumps(IMAGES[skip : skip + take]).encode())

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), CustomVision) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join(timeout=10)


def test_what_the_guide_saves_is_imported_with_labels_and_ids(
    endpoint: str, tmp_path: Path
) -> None:
    [script] = re.findall(r"```bash\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    variables = {"ENDPOINT": endpoint, "PROJECT": "project", "TRAINING_KEY": "secret"}

    subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", **variables},
        check=True,
        timeout=60,
    )

    lists = sorted(tmp_path.iterdir())
    found = [image for path in lists for image in find(path, labels_from_folders=False)]
    assert [path.name for path in lists] == ["images-0.json", "images-256.json"]
    assert {(image.url, image.label, image.external_id) for image in found} == {
        (image["originalImageUri"], "Soups", image["id"]) for image in IMAGES
    }
