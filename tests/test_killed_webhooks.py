"""No webhook event is lost when the worker that delivers it is killed."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import psutil

from tests.pigeonhole.running import PIGEONHOLE, WITHIN_S, environment, eventually, run, words_of


class Receiver(ThreadingHTTPServer):
    """Leaves the first request without a response until its end, and responds to all others."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.ids: list[str] = []
        self.over = threading.Event()


class Answer(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.ids.append(self.headers["webhook-id"])
        if len(self.server.ids) == 1:
            self.server.over.wait(WITHIN_S)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


def test_an_event_is_delivered_again_after_its_worker_was_killed(tmp_path: Path) -> None:
    receiver = Receiver()
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    variables = environment(
        PIGEONHOLE_DATA_DIR=str(tmp_path),
        PIGEONHOLE_ENCODER="bundled",
        PIGEONHOLE_PORT="0",
        PIGEONHOLE_FETCH_ALLOWED_HOSTS="127.0.0.1",
        PIGEONHOLE_FETCH_PORTS=str(receiver.server_port),
        PIGEONHOLE_FETCH_TIMEOUT_S="120",
    )
    with run(*PIGEONHOLE, "up", env=variables) as process:
        link = process.line_with("Pigeonhole is ready: open").split("open ")[1]
        key = (tmp_path / "admin.key").read_text().strip()
        document = """mutation ($hook: CreateWebhookInput!, $function: CreateFunctionInput!) {
          createWebhook(input: $hook) { errors { message } }
          createFunction(input: $function) { errors { message } } }"""
        url = f"http://127.0.0.1:{receiver.server_port}/"
        asked = {
            "hook": {"url": url, "events": ["MODEL_ACTIVATED"]},
            "function": {"name": "Recipes", "labels": ["Soups", "Desserts"]},
        }
        answer = httpx.post(
            link.partition("/login")[0] + "/graphql",
            json={"query": document, "variables": asked},
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
        )
        assert "errors" not in answer.json()
        eventually(lambda: receiver.ids)

        [worker] = [
            child
            for child in psutil.Process(process.pid).children()
            if "work" in words_of(child.pid)
        ]
        worker.kill()

        eventually(lambda: len(receiver.ids) == 2)
    receiver.over.set()
    receiver.shutdown()
    receiver.server_close()
    assert receiver.ids[0] == receiver.ids[1]
