"""The audit of dependencies, with stand-ins for the services that it queries."""

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.pigeonhole.running import WITHIN_S

ROOT = Path(__file__).parents[1]
SOUND = "lock.txt: no known vulnerability.\n"
OSV = {
    "vulns": [
        {
            "id": "GHSA-0000",
            "schema_version": "1.4.0",
            "summary": "It bursts.",
            "affected": [{"package": {"name": "pillow", "ecosystem": "PyPI"}}],
        }
    ]
}
NPM = {
    "graphql-ws": [
        {
            "id": 1,
            "url": "https://advisories.example/1",
            "title": "It bursts.",
            "severity": "high",
            "vulnerable_versions": ">=0",
        }
    ]
}

pytestmark = [
    pytest.mark.skipif(shutil.which("npm") is None, reason="There is no Node.js."),
    pytest.mark.skipif(not (ROOT / ".venv").exists(), reason="There is no .venv: make has one."),
]


class Services(ThreadingHTTPServer):
    """OSV and the npm registry; ``known`` has their vulnerabilities by package."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.known: dict[str, Any] = {}


class Answers(BaseHTTPRequestHandler):
    """Responds to a query about one package, as OSV does, or about a whole lock, as npm does."""

    server: Services

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/osv":
            answer = self.server.known.get(json.loads(body)["package"]["name"], {})
        else:
            answer = self.server.known.get("npm", {})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *args: object) -> None:
        """Log nothing."""


@pytest.fixture
def services() -> Iterator[Services]:
    with Services() as services:
        thread = threading.Thread(target=services.serve_forever)
        thread.start()
        yield services
        services.shutdown()
        thread.join(WITHIN_S)


def audit(url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / ".ci" / "audit"],
        env={**os.environ, "PIP_AUDIT_OSV_URL": f"{url}/osv", "npm_config_registry": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )


def test_an_audit_passes_if_no_vulnerability_is_known(services: Services) -> None:
    done = audit(services.url)

    assert done.returncode == 0
    assert done.stdout == SOUND + (
        "frontend-stub: no known vulnerability.\ntests/clients: no known vulnerability.\n"
    )


@pytest.mark.parametrize(
    ("known", "told"),
    [({"pillow": OSV}, "GHSA-0000"), ({"npm": NPM}, "https://advisories.example/1")],
)
def test_an_audit_fails_and_names_the_vulnerability_if_one_is_known(
    services: Services, known: dict[str, Any], told: str
) -> None:
    services.known = known

    done = audit(services.url)

    assert done.returncode == 1
    assert told in done.stdout


def test_an_audit_reports_services_that_do_not_answer_and_passes() -> None:
    done = audit("http://127.0.0.1:9")

    assert done.returncode == 0
    assert [line.partition(" for ")[0] for line in done.stdout.splitlines()] == [
        f"{what}: NOT AUDITED," for what in ("lock.txt", "frontend-stub", "tests/clients")
    ]
