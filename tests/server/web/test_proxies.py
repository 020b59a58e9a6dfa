"""The configurations of nginx and Caddy in the docs, run with other ports and files only."""

import asyncio
import io
import json
import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from PIL import Image
from websockets.asyncio.client import connect

from pigeonhole.access import keys
from pigeonhole.deployment.doctor import State
from pigeonhole.deployment.doctor_public import check_public_url
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from tests import certificates
from tests.faults.backing import free_port
from tests.pigeonhole.running import bounded
from tests.server.web.proxied import FILES, PROXIES, Placed, behind, serving

CHANGES = "subscription ($id: ID!) { functionChanged(id: $id) { name } }"
POOR = """server {
    listen 443 ssl;
    ssl_certificate /etc/ssl/pigeonhole/server.pem;
    ssl_certificate_key /etc/ssl/pigeonhole/server.key;
    location /pigeonhole/ { proxy_pass http://127.0.0.1:8001; }
}
"""
"""A minimal nginx configuration."""


@pytest.fixture
def kind() -> str:
    return "embedded"  # nothing here depends on the database


@pytest.fixture(params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest) -> str:
    """Each proxy that is installed; Debian packages both."""
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return name


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> certificates.Certificates:
    return certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def settings(settings: Settings, port: int) -> Settings:
    url = f"https://127.0.0.1:{port}/pigeonhole"
    return settings.model_copy(update={"public_url": url, "trusted_proxies": "127.0.0.1"})


@pytest.fixture
async def servers(services: Services) -> AsyncIterator[tuple[tuple[int, list[str]], ...]]:
    """The ports of two servers of one database, and the paths of their requests."""
    async with serving(services) as one, serving(services) as other:
        yield one, other


@pytest.fixture
def placed(
    proxy: str,
    servers: tuple[tuple[int, list[str]], ...],
    made: certificates.Certificates,
    settings: Settings,
    port: int,
    tmp_path: Path,
) -> Iterator[Placed]:
    """Two servers behind a proxy as configured in the docs."""
    (one, asked), (other, asked_too) = servers
    public = "listen 443" if proxy == "nginx" else ":443"
    ports = {public: port, ":8001": one, ":8002": other}
    text = (PROXIES / FILES[proxy]).read_text()
    context = ssl.create_default_context(cafile=made.authority)
    with behind(proxy, text, tmp_path, made, ports):
        url = settings.public_url
        yield Placed(url, context, made.authority, settings, (asked, asked_too))


async def test_a_browser_works_through_the_proxy_with_two_servers(placed: Placed) -> None:
    _, secret = await keys.create(name="mine", scopes={ApiKeyScope.ADMIN})
    origin = placed.url.removesuffix("/pigeonhole")

    async with httpx.AsyncClient(verify=placed.context, timeout=60) as http:
        bare = await http.get(placed.url)
        begun = await http.post(f"{placed.url}/login", json={"key": secret})
        http.headers["Origin"] = origin
        function = await create(http, placed.url)
        url = await upload(http, placed.url, function)
        picture = await http.get(url)
        event = await first_event(http, placed.url, function)
        [cookie] = http.cookies.jar
        change = await first_change(placed, f"{cookie.name}={cookie.value}", function)
        for _ in range(3):
            await http.get(f"{placed.url}/version")

    assert bare.headers["location"].removeprefix(origin) == "/pigeonhole/"
    assert "; Secure" in begun.headers["set-cookie"]
    assert cookie.path == "/pigeonhole"
    assert url.startswith(f"{placed.url}/pictures/")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/bmp")
    assert event == change == {"functionChanged": {"name": "Placed"}}
    assert all(len(asked) > 2 for asked in placed.asked)


async def test_the_proxy_supports_http_2(placed: Placed) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")

    asking = await asyncio.create_subprocess_exec(
        curl, "--silent", "--http2", "--cacert", str(placed.authority), "--output", os.devnull,
        "--write-out", "%{http_version} %{http_code}", f"{placed.url}/healthz",
        stdout=subprocess.PIPE,
    )  # fmt: skip
    spoken, _ = await bounded(asking.communicate())

    assert spoken == b"2 200"


async def test_the_doctor_finds_no_fault_in_the_proxy(placed: Placed) -> None:
    check = await check_public_url(placed.settings, placed.context)

    assert (check.state, check.fix) == (State.OK, "")
    assert check.found == f"{placed.url} works, with websockets and long uploads."


async def test_the_doctor_reports_what_a_minimal_nginx_configuration_lacks(
    servers: tuple[tuple[int, list[str]], ...],
    made: certificates.Certificates,
    settings: Settings,
    port: int,
    tmp_path: Path,
) -> None:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    context = ssl.create_default_context(cafile=made.authority)

    with behind("nginx", POOR, tmp_path, made, {"listen 443": port, ":8001": servers[0][0]}):
        check = await check_public_url(settings, context)

    assert check.state is State.WARNING
    assert check.found == (
        f"The proxy at {settings.public_url} refuses websockets, and refuses uploads of "
        "20000000 bytes."
    )


def test_the_configuration_of_traefik_has_the_path_and_both_servers() -> None:
    http = yaml.safe_load((PROXIES / "traefik.yml").read_text())["http"]
    [router], [service] = http["routers"].values(), http["services"].values()

    assert "PathPrefix(`/pigeonhole`)" in router["rule"]
    assert http["services"][router["service"]] is service
    assert len(service["loadBalancer"]["servers"]) == 2


async def create(http: httpx.AsyncClient, url: str) -> str:
    query = 'mutation { createFunction(input: { name: "Placed" }) { function { id } } }'
    answer = (await http.post(f"{url}/graphql", json={"query": query})).json()
    id: str = answer["data"]["createFunction"]["function"]["id"]
    return id


async def upload(http: httpx.AsyncClient, url: str, function: str) -> str:
    """Upload an image of 5 MB; return its URL."""
    image = Image.frombytes("RGB", (1_300, 1_300), os.urandom(3 * 1_300**2))
    image.save(file := io.BytesIO(), "BMP")
    query = """mutation ($input: AddSamplesInput!) { addSamples(input: $input) {
        results { sample { image { url } } } } }"""
    variables = {"input": {"functionId": function, "samples": [{"image": {"upload": None}}]}}
    form = {
        "operations": json.dumps({"query": query, "variables": variables}),
        "map": json.dumps({"0": ["variables.input.samples.0.image.upload"]}),
    }
    answer = await http.post(
        f"{url}/graphql",
        data=form,
        files={"0": ("noise.bmp", file.getvalue())},
        headers={"Apollo-Require-Preflight": "1"},
    )
    found: str = answer.json()["data"]["addSamples"]["results"][0]["sample"]["image"]["url"]
    return found


async def first_event(http: httpx.AsyncClient, url: str, function: str) -> object:
    """Return the first event of a stream of server-sent events, before the stream ends."""
    asked = {"query": CHANGES, "variables": {"id": function}}
    accept = {"Accept": "text/event-stream"}
    async with http.stream("POST", f"{url}/graphql", json=asked, headers=accept) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data:") and line != "data:":
                return json.loads(line.removeprefix("data:"))["data"]
    raise AssertionError("The stream ended.")


async def first_change(placed: Placed, cookie: str, function: str) -> object:
    """Return the first message of a subscription over a websocket, by the session's cookie."""
    async with connect(
        placed.url.replace("https", "wss", 1) + "/graphql",
        subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
        ssl=placed.context,
        origin=placed.url.removesuffix("/pigeonhole"),  # type: ignore[arg-type]
        additional_headers={"Cookie": cookie},
    ) as ws:
        await ws.send(json.dumps({"type": "connection_init"}))
        assert json.loads(await bounded(ws.recv()))["type"] == "connection_ack"
        payload = {"query": CHANGES, "variables": {"id": function}}
        await ws.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        return json.loads(await bounded(ws.recv()))["payload"]["data"]
