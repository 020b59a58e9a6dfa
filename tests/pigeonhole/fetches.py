"""Fetching from the test's own host, the only internal address that is allowed."""

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
    """A host that serves a picture."""
    async with serving() as host:
        host.gives("/picture", PICTURE, content_type="image/png")
        yield host


def fetching(host: Host, names: Names | None = None, **settings: object) -> Fetching:
    """Return a `Fetching` that allows the test's own host and no other internal address."""
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
    """Return the code and the message with which a URL is refused."""
    with pytest.raises(PigeonholeError) as caught:
        await fetching.fetch(url, ("input", "image", "url"))
    assert caught.value.path == ("input", "image", "url")
    return caught.value.code, caught.value.message
