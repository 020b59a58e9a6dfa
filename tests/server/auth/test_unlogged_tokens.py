"""Credentials are never logged, whatever goes wrong with them."""

import shutil
import socket
import sys
from pathlib import Path

import httpx
import pytest

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services.choices import signing_secret
from pigeonhole.services.services import Services
from pigeonhole.services.storage import Kind
from server.auth.picture_urls import PictureUrls
from tests import build, make
from tests.pigeonhole.running import environment, run

SERVER = """
from pigeonhole.deployment import listening, logs
from pigeonhole.settings import read_settings

settings = read_settings()
logs.set_up(settings, "server")
listener = listening.listen("127.0.0.1", 0)
print("listens at", listener.getsockname()[1], flush=True)
listening.serve(settings, listener)
"""


@pytest.mark.parametrize("format", ["text", "json"])
async def test_signed_urls_keys_and_cookies_are_never_logged(
    services: Services, tmp_path: Path, database_url: str, queue_url: str, format: str
) -> None:
    function = await build.function(services)
    [sample] = await build.add(services, function, [make.picture(1)])
    _, secret = await keys.create(name="mine", scopes={ApiKeyScope.ADMIN})
    urls = PictureUrls("", await signing_secret("url_secret"))
    path = urls.sign(sample.sha256, Kind.FULL, "image/png")
    token = path.rpartition("/")[2]
    variables = environment(
        PIGEONHOLE_DATA_DIR=str(tmp_path),
        PIGEONHOLE_DATABASE_URL=database_url,
        PIGEONHOLE_REDIS_URL=queue_url,
        PIGEONHOLE_ENCODER="bundled",
        PIGEONHOLE_LOG_LEVEL="debug",
        PIGEONHOLE_LOG_FORMAT=format,
        PIGEONHOLE_SLOW_REQUEST_S="0.000001",
    )
    statuses = []
    with run(sys.executable, "-c", SERVER, env=variables) as server:
        port = int(server.line_with("listens at").split()[-1])
        base = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=base, timeout=60) as http:
            await http.post("/login", json={"key": secret})
            cookie = next(iter(http.cookies.values()))
            referring = {"Referer": f"{base}{path}", "Authorization": f"Bearer {secret}"}
            statuses.append((await http.get(path)).status_code)
            statuses.append((await http.post(path)).status_code)
            statuses.append((await http.get(f"{path[:-1]}!")).status_code)
            statuses.append((await http.get(f"/nowhere{path}?token={token}")).status_code)
            statuses.append((await http.get("/metrics", headers=referring)).status_code)
            statuses.append((await http.get(f"/graphql?query={token}")).status_code)
            with socket.create_connection(("127.0.0.1", port)) as rude:
                rude.sendall(f"GET {path} HTTP/9\r\nX: y z\0\r\n\r\n".encode())
                statuses.append(int(rude.recv(100).split()[1]))
            with socket.create_connection(("127.0.0.1", port)) as upgraded:
                upgraded.sendall(
                    f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket"
                    "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
                    "\r\n\r\n".encode()
                )
                statuses.append(int(upgraded.recv(100).split()[1]))
            shutil.rmtree(tmp_path / "blobs")
            statuses.append((await http.get(path)).status_code)
            (tmp_path / "blobs").write_text("no folder")
            statuses.append((await http.get(path)).status_code)
        server.process.terminate()
        server.ended()

    text = "\n".join(server.lines)
    assert statuses == [200, 405, 403, 404, 200, 200, 400, 403, 404, 503]
    assert text.count("slow_request") >= 8
    assert "Traceback" not in text
    for hidden in (token, token.partition(".")[0], secret, secret.rpartition("_")[2], cookie):
        assert hidden not in text
