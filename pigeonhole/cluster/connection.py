"""The connection to a Ray cluster."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from pigeonhole.settings import OperatorError


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Connect this process to the cluster with this address, such as ``10.0.0.1:6379``.

    Raises:
        OperatorError: Ray is not installed, or no cluster answers.
    """
    try:
        import ray
    except ImportError:
        raise OperatorError(
            "Ray is not installed. Run `pip install 'pigeonhole[ray]'` here and on each node."
        ) from None
    try:
        ray.init(address, logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise OperatorError(
            f"No Ray cluster answers at {address}: {error} Start one with `ray start --head`."
        ) from None
    try:
        yield
    finally:
        ray.shutdown()
