"""Fetching from a host of the test, which alone of the inside is allowed."""

from collections.abc import AsyncIterator

import pytest

from pigeonhole.errors import PigeonholeError
from pigeonhole.services.fetching import NOT_FETCHED, Fetching
from pigeonhole.settings import Settings
from tests import make
from tests.pigeonhole.hosts import Host, Names, serving

PICTURE = make.picture(1)
REFUSED = ("URL_NOT_FETCHED", NOT_FETCHED)


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    """A host that gives a picture."""
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
