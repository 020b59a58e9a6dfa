"""Pictures by URL: what is fetched, what is bounded, and that there is no way inside."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Sequence

import pytest

from pigeonhole.errors import PigeonholeError
from pigeonhole.fetching import MAX_URL, NOT_FETCHED, Fetching
from pigeonhole.settings import Settings
from tests import make
from tests.pigeonhole.hosts import Host, Names, serving

PICTURE = make.picture(1)
AWAY = "203.0.114.1"  # a public address; tests never connect to it


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    async with serving() as host:
        host.gives("/picture", PICTURE, content_type="image/png")
        yield host


def fetching(host: Host, names: Names | None = None, **settings: object) -> Fetching:
    """Fetches from the test's host, which alone of the inside is allowed."""
    given = {
        "fetch_ports": f"80,443,{host.port}",
        "fetch_allowed_hosts": "127.0.0.1",
        "fetch_timeout_s": 5.0,
        **settings,
    }
    return Fetching(
        Settings.model_validate(given), names or Names({"pictures.test": [["127.0.0.1"]]})
    )


async def refusal(fetching: Fetching, url: str) -> tuple[str, str]:
    """The code and the message that a URL is refused with."""
    with pytest.raises(PigeonholeError) as caught:
        await fetching.fetch(url, ("input", "image", "url"))
    assert caught.value.path == ("input", "image", "url")
    return caught.value.code, caught.value.message


REFUSED = ("URL_NOT_FETCHED", NOT_FETCHED)


async def test_a_picture_is_fetched_by_name_and_asked_for_by_that_name(host: Host) -> None:
    assert await fetching(host).fetch(host.url("/picture")) == PICTURE
    assert host.heard == [
        {
            "path": "/picture",
            "host": f"pictures.test:{host.port}",
            "user-agent": "pigeonhole",
            "accept": "image/*",
            "accept-encoding": "identity",
            "connection": "close",
        }
    ]


async def test_a_trailing_dot_and_capitals_name_the_same_host(host: Host) -> None:
    url = f"HTTP://PICTURES.test.:{host.port}/picture#part"

    assert await fetching(host).fetch(url) == PICTURE
    assert host.heard[0]["host"] == f"pictures.test:{host.port}"


async def test_the_name_of_an_own_host_may_have_any_address(host: Host) -> None:
    own = fetching(host, fetch_allowed_hosts="pictures.test, 10.0.0.0/8")

    assert await own.fetch(host.url()) == PICTURE


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(host: Host, status: int) -> None:
    host.redirects("/a/old", "../picture", status)

    assert await fetching(host).fetch(host.url("/a/old")) == PICTURE
    assert [request["path"] for request in host.heard] == ["/a/old", "/picture"]


async def test_redirects_are_bounded(host: Host) -> None:
    host.redirects("/picture", "/picture")

    refused = await refusal(fetching(host, fetch_redirects=2), host.url())

    assert refused == ("URL_NOT_FETCHED", "The URL redirects too often.")
    assert len(host.heard) == 3


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "A URL begins with http:// or https://."),
        ("/picture", "A URL begins with http:// or https://."),
        ("//pictures.test/picture", "A URL begins with http:// or https://."),
        ("file:///etc/passwd", "A URL begins with http:// or https://."),
        ("gopher://pictures.test/", "A URL begins with http:// or https://."),
        ("data:image/png;base64,AA==", "A URL begins with http:// or https://."),
        ("javascript:alert(1)", "A URL begins with http:// or https://."),
        ("http://user@pictures.test/", "A URL must not hold a user's name or password."),
        ("http://user:secret@pictures.test/", "A URL must not hold a user's name or password."),
        ("http://pictures.test@127.0.0.1/", "A URL must not hold a user's name or password."),
        ("http://pictures.test\\@127.0.0.1/", "A URL must not hold a user's name or password."),
        ("http://pictures.test:22/", "URLs with this port are not fetched."),
        ("http://pictures.test:6379/", "URLs with this port are not fetched."),
        ("http://pictures.test:0/", "URLs with this port are not fetched."),
        ("http://pictures.test:99999/", "URLs with this port are not fetched."),
        ("http:///picture", "This is not a URL."),
        ("http://[::1", "This is not a URL."),
        ("http://pictures%2etest/", "This is not a URL."),
        ("http://pictures.test%00/", "This is not a URL."),
        ("http://pictures.test/\r\nHost: x", "This is not a URL."),
        ("http://①②⑦.⓪.⓪.①/", "This is not a URL."),
        ("http://0177.0.0.1/", "This is not a URL."),
        ("http://" + "a" * 300 + "/", "This is not a URL."),
        ("http://pictures.test/" + "a" * MAX_URL, "A URL has at most 4,096 characters."),
    ],
)
async def test_a_url_that_may_not_be_asked_is_refused_without_asking(
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
async def test_every_way_to_write_an_inside_address_is_refused_by_the_real_resolver(
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
async def test_a_name_with_any_address_inside_is_refused_as_an_unknown_one_is(
    host: Host, addresses: Sequence[str]
) -> None:
    names = Names({"pictures.test": [list(addresses)]})

    inside = await refusal(fetching(host, names), host.url())
    unknown = await refusal(fetching(host, names), host.url(host="unknown.test"))

    assert inside == unknown == REFUSED
    assert host.heard == []


async def test_an_address_inside_is_refused_as_one_is_where_nothing_listens(host: Host) -> None:
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
async def test_a_redirect_to_the_inside_is_refused(host: Host, location: str) -> None:
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
        ("URL_NOT_FETCHED", "A URL begins with http:// or https://."),
        ("URL_NOT_FETCHED", "URLs with this port are not fetched."),
        ("URL_NOT_FETCHED", "A URL must not hold a user's name or password."),
    ]


async def test_a_name_is_resolved_once_so_an_answer_that_changes_later_changes_nothing() -> None:
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


async def test_the_next_address_is_tried_where_one_does_not_answer(host: Host) -> None:
    names = Names({"pictures.test": [["127.0.0.9", "127.0.0.1"]]})

    own = fetching(host, names, fetch_allowed_hosts="127.0.0.0/8")

    assert await own.fetch(host.url()) == PICTURE


async def test_a_body_that_says_it_is_too_long_is_not_read(host: Host) -> None:
    host.gives("/huge", content_type="image/png", content_length="999999999999")

    refused = await refusal(fetching(host, max_image_bytes=1_000), host.url("/huge"))

    assert refused == ("IMAGE_TOO_LARGE", "A picture has at most 1,000 bytes.")


async def test_a_body_of_untold_length_is_counted_as_it_arrives(host: Host) -> None:
    sent = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 x\r\ncontent-type: image/png\r\n\r\n")
        while True:
            writer.write(bytes(10_000))
            await writer.drain()
            sent += 10_000

    host.answers["/endless"] = endless

    refused = await refusal(fetching(host, max_image_bytes=100_000), host.url("/endless"))

    assert refused == ("IMAGE_TOO_LARGE", "A picture has at most 100,000 bytes.")
    assert sent < 20_000_000


async def test_a_body_that_drips_ends_at_the_deadline(host: Host) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 x\r\ncontent-type: image/png\r\ncontent-length: 999\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    host.answers["/drip"] = drip
    began = time.monotonic()

    refused = await refusal(fetching(host, fetch_timeout_s=0.3), host.url("/drip"))

    assert refused == REFUSED
    assert 0.3 <= time.monotonic() - began < 2.0


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"not HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 x\r\ncontent-length: 100\r\ncontent-type: image/png\r\n\r\nshort",
        b"HTTP/1.1 200 x\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 x\r\n" + b"x: y\r\n" * 100_000,
    ],
)
async def test_a_host_that_does_not_keep_to_http_is_refused(host: Host, head: bytes) -> None:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(head)

    host.answers["/odd"] = answer

    assert await refusal(fetching(host), host.url("/odd")) == REFUSED


async def test_what_is_said_not_to_be_an_image_is_not_read(host: Host) -> None:
    host.gives("/page", b"<html>", content_type="text/html; charset=utf-8")

    refused = await refusal(fetching(host), host.url("/page"))

    assert refused == ("URL_NOT_FETCHED", "The URL does not give an image.")


@pytest.mark.parametrize("kind", ["", "application/octet-stream", "IMAGE/PNG; q=1"])
async def test_what_is_not_said_to_be_anything_else_is_read(host: Host, kind: str) -> None:
    host.gives("/untyped", PICTURE, content_type=kind)

    assert await fetching(host).fetch(host.url("/untyped")) == PICTURE


async def test_compressed_bytes_are_never_unpacked(host: Host) -> None:
    bomb = gzip.compress(bytes(10_000_000))
    host.gives("/bomb", bomb, content_type="image/png", content_encoding="gzip")

    refused = await refusal(fetching(host), host.url("/bomb"))

    assert refused == (
        "URL_NOT_FETCHED",
        "The URL gives compressed bytes, though plain ones were asked for.",
    )


@pytest.mark.parametrize("status", [204, 206, 304, 401, 404, 500])
async def test_another_status_than_200_is_told(host: Host, status: int) -> None:
    host.gives("/status", status=status, content_type="image/png")

    refused = await refusal(fetching(host), host.url("/status"))

    assert refused == ("URL_NOT_FETCHED", f"The URL answered {status}.")


async def test_a_slow_name_server_ends_at_the_deadline(host: Host) -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    slow = Fetching(Settings(fetch_timeout_s=0.1, fetch_ports=str(host.port)), never)

    assert await refusal(slow, host.url()) == REFUSED
