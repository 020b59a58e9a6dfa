"""The cost of invalid keys, tokens and codes to the address that sends them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import HTTPConnection

from pigeonhole.access.rates import Bucket, Rates, caller_of
from pigeonhole.errors import UnauthenticatedError

COST = 100
"""Points of one try; by default an address has 1,000 points, and 20 are restored a second."""


@asynccontextmanager
async def metered(connection: HTTPConnection) -> AsyncIterator[None]:
    """Take points if the block finds that a credential is not valid.

    Valid keys from the same address are not affected: they use points of their own.

    Raises:
        RateLimitedError: The address has too few points; nothing is said about the credential.
    """
    try:
        yield
    except UnauthenticatedError:
        rates: Rates = connection.app.state.rates
        address = connection.client.host if connection.client else None
        await rates.take(Bucket.POINTS, caller_of(None, address), COST)
        raise
