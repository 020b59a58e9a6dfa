"""The server below a path, behind proxies that strip it or not, and reports of proxies' faults."""

import re

import pytest
from structlog.testing import capture_logs

from pigeonhole.access import keys
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.settings import Settings
from server.web import page, proxy_hints
from tests import make
from tests.client import Client

PUBLIC = "https://example.org/shop/pigeonhole"
BY_HEADERS = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "example.org",
    "X-Forwarded-Prefix": "/shop/pigeonhole/",
}
FIRST_SAMPLE = (
    "query ($id: ID!) { function(id: $id) { samples(first: 1) { nodes { image { url } } } } }"
)
WHO = {"query": "{ viewer { scopes } }"}


@pytest.fixture
def kind() -> str:
    return "embedded"  # nothing here depends on the database


class TestBelowAPath:
    """One setting, or one header of a trusted proxy, moves all URLs below a path."""

    @pytest.fixture(params=["setting", "header"])
    def way(self, request: pytest.FixtureRequest) -> str:
        way: str = request.param
        return way

    @pytest.fixture
    def settings(self, settings: Settings, way: str) -> Settings:
        placed = {"public_url": PUBLIC} if way == "setting" else {"trusted_proxies": "127.0.0.1"}
        return settings.model_copy(update=placed)

    @pytest.fixture
    def headers(self, way: str) -> dict[str, str]:
        return {} if way == "setting" else BY_HEADERS

    @pytest.mark.parametrize("prefix", ["", "/shop/pigeonhole"], ids=["stripped", "not stripped"])
    async def test_a_browser_finds_everything_below_the_path(
        self, anonymous: Client, prefix: str, headers: dict[str, str]
    ) -> None:
        if page.built() is None:
            pytest.skip("the page is not built")
        http = anonymous.http
        http.headers.update(headers)
        _, secret = await keys.create(name="mine", scopes={ApiKeyScope.ADMIN})

        away = await http.get(f"{prefix}/")
        login = await http.get(f"{prefix}/login")
        begun = await http.post(f"{prefix}/login", json={"key": secret})
        cookie, _, _ = begun.headers["set-cookie"].partition(";")
        browser = {"Cookie": cookie, "Origin": "https://example.org"}
        shown = await http.get(f"{prefix}/", headers=browser)
        [script] = re.findall(r'src="\./(assets/[^"]+\.js)"', shown.text)
        asset = await http.get(f"{prefix}/{script}")
        graphiql = await http.get(f"{prefix}/graphql", headers={"Accept": "text/html"})
        who = await http.post(f"{prefix}/graphql", json=WHO, headers=browser)
        ended = await http.delete(f"{prefix}/login", headers=browser)

        assert (away.status_code, away.headers["location"]) == (303, "login")
        assert not re.findall(r'(?:src|href)="/', login.text + shown.text + graphiql.text)
        assert "Secure" in begun.headers["set-cookie"]
        assert "Path" not in begun.headers["set-cookie"]  # the folder of the login page's URL
        assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "'unsafe-inline'" in graphiql.headers["content-security-policy"]
        assert who.json()["data"]["viewer"]["scopes"] == ["INVOKE", "READ", "WRITE", "ADMIN"]
        assert (ended.status_code, "Max-Age=0" in ended.headers["set-cookie"]) == (204, True)

    async def test_urls_in_responses_contain_the_path(
        self, client: Client, headers: dict[str, str]
    ) -> None:
        function = (await client.create_function())["id"]
        await client.add_samples(function, [make.picture(1)])
        client.http.headers.update(headers)

        answer = await client.ask(FIRST_SAMPLE, id=function)
        url = answer["function"]["samples"]["nodes"][0]["image"]["url"]
        openapi = await client.http.get("/v1/openapi.json")
        picture = await client.http.get(url.removeprefix("https://example.org"))

        assert url.startswith(f"{PUBLIC}/pictures/")
        assert picture.status_code == 200
        assert openapi.json()["servers"] == [{"url": "/shop/pigeonhole"}]

    async def test_the_path_without_its_slash_redirects_to_the_one_with_it(
        self, anonymous: Client, headers: dict[str, str]
    ) -> None:
        answer = await anonymous.http.get("/shop/pigeonhole", headers=headers)

        assert (answer.status_code, answer.headers["location"]) == (307, "/shop/pigeonhole/")


class TestIgnored:
    """A prefix is used only if it is a path and a trusted proxy sends it."""

    @pytest.fixture
    def settings(self, settings: Settings, request: pytest.FixtureRequest) -> Settings:
        return settings.model_copy(update={"trusted_proxies": request.param})

    @pytest.mark.parametrize(
        ("settings", "prefix"),
        [
            ("10.0.0.1", "/pigeonhole"),
            ("127.0.0.1", "//evil.example"),
            ("127.0.0.1", "pigeonhole"),
            ("127.0.0.1", "/a?b"),
            ("127.0.0.1", "/%2e%2e"),
        ],
        indirect=["settings"],
    )
    async def test_any_other_prefix_is_ignored(self, anonymous: Client, prefix: str) -> None:
        given = {"X-Forwarded-Prefix": prefix}

        answer = await anonymous.http.get("/v1/openapi.json", headers=given)

        assert answer.json()["servers"] == [{"url": "/"}]


class TestHints:
    """Faults of a proxy are logged once."""

    @pytest.mark.parametrize(
        ("headers", "hint"),
        [
            ({"X-Forwarded-For": "192.0.2.1"}, proxy_hints.NOT_TRUSTED),
            (
                {"Origin": "https://example.org", "Sec-Fetch-Site": "same-origin"},
                proxy_hints.HIDES_ADDRESS,
            ),
            ({"Origin": "http://pigeonhole.internal"}, proxy_hints.HIDES_ADDRESS),
            (
                {"Sec-WebSocket-Key": "eA==", "Sec-WebSocket-Version": "13"},
                proxy_hints.NO_WEBSOCKETS,
            ),
        ],
    )
    async def test_the_first_request_that_shows_a_fault_is_logged(
        self, anonymous: Client, headers: dict[str, str], hint: str
    ) -> None:
        with capture_logs() as lines:
            for _ in range(2):
                await anonymous.http.post("/login", json={"key": "x"}, headers=headers)

        assert [line["event"] for line in lines if line["log_level"] == "warning"] == [hint]

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "http://test", "Sec-Fetch-Site": "same-origin"},
            {"Origin": "https://other.example", "Sec-Fetch-Site": "cross-site"},
        ],
    )
    async def test_a_request_without_a_proxy_logs_no_fault(
        self, anonymous: Client, headers: dict[str, str]
    ) -> None:
        with capture_logs() as lines:
            await anonymous.http.post("/login", json={"key": "x"}, headers=headers)

        assert [line["event"] for line in lines if line["log_level"] == "warning"] == []
