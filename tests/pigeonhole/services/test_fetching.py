"""Pictures by URL: fetching, and its limits."""

import asyncio
import gzip
from collections.abc import Sequence

import pytest

from pigeonhole.errors import ImageTooLargeError
from pigeonhole.services.fetching import Budget, Fetching
from pigeonhole.settings import Settings
from tests.pigeonhole.fetches import PICTURE, REFUSED, fetching, host, refusal
from tests.pigeonhole.hosts import Host, Names
from tests.pigeonhole.running import bounded

__all__ = ["host"]


async def test_a_picture_is_fetched_by_host_name_and_the_request_has_that_name(host: Host) -> None:
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


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(host: Host, status: int) -> None:
    host.redirects("/a/old", "../picture", status)

    assert await fetching(host).fetch(host.url("/a/old")) == PICTURE
    assert [request["path"] for request in host.heard] == ["/a/old", "/picture"]


async def test_redirects_are_bounded(host: Host) -> None:
    host.redirects("/picture", "/picture")

    refused = await refusal(fetching(host, fetch_redirects=2), host.url())

    assert refused == ("URL_NOT_FETCHED", "URL redirects too often.")
    assert len(host.heard) == 3


async def test_the_next_address_is_tried_if_one_does_not_answer(host: Host) -> None:
    names = Names({"pictures.test": [["127.0.0.9", "127.0.0.1"]]})

    own = fetching(host, names, fetch_allowed_hosts="127.0.0.0/8")

    assert await own.fetch(host.url()) == PICTURE


async def test_a_body_with_too_large_a_content_length_is_not_read(host: Host) -> None:
    host.gives("/huge", content_type="image/png", content_length="999999999999")

    refused = await refusal(fetching(host, max_image_bytes=1_000), host.url("/huge"))

    assert refused == ("IMAGE_TOO_LARGE", "Image must have at most 1,000 bytes.")


async def test_a_body_without_a_content_length_is_counted_as_it_arrives(host: Host) -> None:
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

    assert refused == ("IMAGE_TOO_LARGE", "Image must have at most 100,000 bytes.")
    assert sent < 20_000_000


async def test_a_body_that_drips_ends_at_the_deadline(host: Host) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 x\r\ncontent-type: image/png\r\ncontent-length: 99999\r\n\r\n")
        for _ in range(99_999):
            if writer.is_closing():
                return
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    host.answers["/drip"] = drip

    refused = await refusal(fetching(host, fetch_timeout_s=0.3), host.url("/drip"))

    assert refused == REFUSED


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
async def test_a_host_that_violates_http_is_refused(host: Host, head: bytes) -> None:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(head)

    host.answers["/odd"] = answer

    assert await refusal(fetching(host), host.url("/odd")) == REFUSED


async def test_the_pictures_of_one_request_have_a_common_limit(host: Host) -> None:
    asked = fetching(host)
    budget = Budget(left=2 * len(PICTURE))

    for _ in range(2):
        assert await asked.fetch(host.url(), budget=budget) == PICTURE
    with pytest.raises(ImageTooLargeError) as caught:
        await asked.fetch(host.url(), budget=budget)

    assert caught.value.message == (
        "The images of this request are too large together. Send fewer at once."
    )


async def test_a_response_with_a_content_type_other_than_an_image_is_not_read(host: Host) -> None:
    host.gives("/page", b"<html>", content_type="text/html; charset=utf-8")

    refused = await refusal(fetching(host), host.url("/page"))

    assert refused == ("URL_NOT_FETCHED", "URL does not return an image.")


@pytest.mark.parametrize("kind", ["", "application/octet-stream", "IMAGE/PNG; q=1"])
async def test_a_response_with_an_image_type_or_a_generic_content_type_is_read(
    host: Host, kind: str
) -> None:
    host.gives("/untyped", PICTURE, content_type=kind)

    assert await fetching(host).fetch(host.url("/untyped")) == PICTURE


async def test_compressed_bodies_are_never_decompressed(host: Host) -> None:
    bomb = gzip.compress(bytes(10_000_000))
    host.gives("/bomb", bomb, content_type="image/png", content_encoding="gzip")

    refused = await refusal(fetching(host), host.url("/bomb"))

    assert refused == (
        "URL_NOT_FETCHED",
        "URL returned a compressed response, which was not asked for.",
    )


@pytest.mark.parametrize("status", [204, 206, 304, 401, 404, 500])
async def test_a_status_other_than_200_is_reported(host: Host, status: int) -> None:
    host.gives("/status", status=status, content_type="image/png")

    refused = await refusal(fetching(host), host.url("/status"))

    assert refused == ("URL_NOT_FETCHED", f"URL responded with status {status}.")


async def test_a_slow_name_server_ends_at_the_deadline(host: Host) -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    slow = Fetching(Settings(fetch_timeout_s=0.1, fetch_ports=str(host.port)), never)

    assert await refusal(slow, host.url()) == REFUSED


async def test_one_caller_gets_a_quarter_of_the_slots_and_others_are_served_meanwhile(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = fetching(host)
    greedy, modest = Budget(caller="greedy"), Budget(caller="modest")
    entered = 0
    is_full, may_leave = asyncio.Event(), asyncio.Event()

    async def follow(_: Fetching, __: str, budget: Budget) -> bytes:
        nonlocal entered
        if budget is greedy:
            entered += 1
            if entered == 8:
                is_full.set()
            await bounded(may_leave.wait())
        return PICTURE

    monkeypatch.setattr(Fetching, "follow", follow)
    waiting = [asyncio.create_task(busy.fetch(host.url(), (), greedy)) for _ in range(40)]
    await bounded(is_full.wait())

    assert await busy.fetch(host.url(), (), modest) == PICTURE
    assert entered == 8
    may_leave.set()
    assert await asyncio.gather(*waiting) == [PICTURE] * 40
