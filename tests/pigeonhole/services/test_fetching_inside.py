"""Pictures by URL: no internal address is reachable, in whatever form it is written."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from pigeonhole.services.fetching import MAX_URL, Fetching
from pigeonhole.settings import Settings
from tests.pigeonhole.fetches import PICTURE, REFUSED, fetching, host, refusal
from tests.pigeonhole.hosts import Host, Names, certificate, serving

__all__ = ["host"]

AWAY = "203.0.114.1"  # a public address; tests never connect to it


async def test_an_allowed_host_may_have_any_address(host: Host) -> None:
    own = fetching(host, fetch_allowed_hosts="pictures.test, 10.0.0.0/8")

    assert await own.fetch(host.url()) == PICTURE


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "URL must start with http:// or https://."),
        ("/picture", "URL must start with http:// or https://."),
        ("//pictures.test/picture", "URL must start with http:// or https://."),
        ("file:///etc/passwd", "URL must start with http:// or https://."),
        ("gopher://pictures.test/", "URL must start with http:// or https://."),
        ("data:image/png;base64,AA==", "URL must start with http:// or https://."),
        ("javascript:alert(1)", "URL must start with http:// or https://."),
        ("http://user@pictures.test/", "URL must not contain a user name or password."),
        ("http://user:secret@pictures.test/", "URL must not contain a user name or password."),
        ("http://pictures.test@127.0.0.1/", "URL must not contain a user name or password."),
        ("http://pictures.test\\@127.0.0.1/", "URL must not contain a user name or password."),
        ("http://pictures.test:22/", "URL has a port that is not allowed."),
        ("http://pictures.test:6379/", "URL has a port that is not allowed."),
        ("http://pictures.test:0/", "URL has a port that is not allowed."),
        ("http://pictures.test:99999/", "URL has a port that is not allowed."),
        ("http:///picture", "URL is not valid."),
        ("http://[::1", "URL is not valid."),
        ("http://pictures%2etest/", "URL is not valid."),
        ("http://pictures.test%00/", "URL is not valid."),
        ("http://pictures.test/\r\nHost: x", "URL is not valid."),
        ("http://①②⑦.⓪.⓪.①/", "URL is not valid."),
        ("http://0177.0.0.1/", "URL is not valid."),
        ("http://" + "a" * 300 + "/", "URL is not valid."),
        ("http://pictures.test/" + "a" * MAX_URL, "URL must have at most 4,096 characters."),
    ],
)
async def test_a_url_that_is_not_allowed_is_refused_without_a_request(
    host: Host, url: str, message: str
) -> None:
    names = Names({"pictures.test": [["127.0.0.1"]]})

    assert await refusal(fetching(host, names), url) == ("URL_NOT_FETCHED", message)
    assert names.asked == []
    assert host.heard == []


@pytest.mark.parametrize(
    "written",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "localhost",
        "localhost.", "127.0.0.1.", "0", "0.0.0.0", "127。0。0。1", "[::1]", "[::]",
        "[0:0:0:0:0:ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "169.254.169.254", "[::ffff:a9fe:a9fe]", "[fd00:ec2::254]",
    ],
)  # fmt: skip
async def test_every_form_of_an_internal_address_is_refused_with_the_real_resolver(
    written: str,
) -> None:
    async with serving("127.0.0.1") as host:
        settings = Settings(fetch_ports=str(host.port), fetch_timeout_s=5.0)
        refused = await refusal(Fetching(settings), f"http://{written}:{host.port}/picture")

    assert refused == REFUSED
    assert host.heard == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.2"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.2"],
        ["fe80::1%eth0"],
        ["64:ff9b::a00:1"],
        [AWAY, "127.0.0.2"],
        ["127.0.0.2", AWAY],
        [],
        ["no address"],
    ],
)
async def test_a_name_with_any_internal_address_is_refused_like_an_unknown_name(
    host: Host, addresses: Sequence[str]
) -> None:
    names = Names({"pictures.test": [list(addresses)]})

    inside = await refusal(fetching(host, names), host.url())
    unknown = await refusal(fetching(host, names), host.url(host="unknown.test"))

    assert inside == unknown == REFUSED
    assert host.heard == []


async def test_an_internal_address_is_refused_like_one_where_nothing_listens(host: Host) -> None:
    async with serving() as gone:
        pass
    nothing = fetching(host, fetch_ports=str(gone.port))

    assert await refusal(nothing, gone.url()) == REFUSED


@pytest.mark.parametrize(
    "location",
    [
        "http://inside.test/picture",
        "http://127.0.0.2/",
        "http://2130706434/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "//10.0.0.1/",
    ],
)
async def test_a_redirect_to_an_internal_address_is_refused(host: Host, location: str) -> None:
    host.redirects("/picture", location)
    names = Names(
        {
            "pictures.test": [["127.0.0.1"]],
            "inside.test": [["127.0.0.2"]],
            "127.0.0.2": [["127.0.0.2"]],
            "2130706434": [["127.0.0.2"]],
            "::1": [["::1"]],
            "169.254.169.254": [["169.254.169.254"]],
            "10.0.0.1": [["10.0.0.1"]],
        }
    )

    assert await refusal(fetching(host, names), host.url()) == REFUSED
    assert len(host.heard) == 1
    assert len(names.asked) == 2


async def test_a_redirect_to_another_scheme_port_or_user_is_refused(host: Host) -> None:
    host.redirects("/file", "file:///etc/passwd")
    host.redirects("/port", "http://pictures.test:22/")
    host.redirects("/user", "http://a:b@pictures.test/")
    asked = fetching(host)

    refused = [await refusal(asked, host.url(path)) for path in ("/file", "/port", "/user")]

    assert refused == [
        ("URL_NOT_FETCHED", "URL must start with http:// or https://."),
        ("URL_NOT_FETCHED", "URL has a port that is not allowed."),
        ("URL_NOT_FETCHED", "URL must not contain a user name or password."),
    ]


async def test_a_name_is_resolved_once_so_later_changes_of_its_addresses_have_no_effect() -> None:
    async with serving() as host, serving("127.0.0.2", host.port) as inside:
        host.gives("/picture", PICTURE, content_type="image/png")
        inside.gives("/picture", b"secret", content_type="image/png")
        names = Names({"pictures.test": [["127.0.0.1"], ["127.0.0.2"]]})

        assert await fetching(host, names).fetch(host.url()) == PICTURE

        assert names.asked == ["pictures.test"]
        assert inside.heard == []


async def test_a_name_is_resolved_and_checked_anew_for_a_redirect_to_itself() -> None:
    async with serving() as host, serving("127.0.0.2", host.port) as inside:
        host.redirects("/picture", "/picture")
        names = Names({"pictures.test": [["127.0.0.1"], ["127.0.0.2"]]})

        assert await refusal(fetching(host, names), host.url()) == REFUSED

        assert names.asked == ["pictures.test", "pictures.test"]
        assert inside.heard == []


async def test_tls_checks_the_host_name_although_the_connection_goes_to_an_address(
    tmp_path: Path,
) -> None:
    server, client = certificate(tmp_path, "pictures.test")
    told: list[str | None] = []
    server.sni_callback = lambda _, name, __: told.append(name)
    names = Names({"pictures.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]})
    async with serving(tls=server) as host:
        host.gives("/picture", PICTURE, content_type="image/png")
        settings = Settings(
            fetch_ports=str(host.port), fetch_allowed_hosts="127.0.0.1", fetch_timeout_s=5.0
        )
        trusting = Fetching(settings, names, client)
        secure = host.url().replace("http:", "https:")

        assert await trusting.fetch(secure) == PICTURE
        assert await refusal(trusting, secure.replace("pictures", "other")) == REFUSED
        assert await refusal(Fetching(settings, names), secure) == REFUSED

    assert told == ["pictures.test", "other.test", "pictures.test"]
    assert len(host.heard) == 1
