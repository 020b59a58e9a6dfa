"""The encoder service: an encoder in replicas of Ray Serve, which batches and scales them."""

import asyncio
from dataclasses import dataclass

import numpy as np
from ray import serve
from ray.serve.config import HTTPOptions
from starlette.requests import Request
from starlette.responses import Response

from pigeonhole import encoders
from pigeonhole.cluster.answering import Answering, Floats, Squares
from pigeonhole.encoders.wire import MOST_AT_ONCE, route
from pigeonhole.kinds import Precision

ONGOING = 16
"""Requests that a replica takes at once: what is not in a batch waits for the next one."""
TARGET = 4
"""Requests under way for each replica, above which Serve starts a further one."""
QUEUED = 256
"""Requests that wait for a replica, at each proxy; further ones are refused with status 503."""


@dataclass(frozen=True)
class Scale:
    """How many replicas there are, and what each one takes of its node."""

    least: int = 1
    most: int = 1
    cpus: float = 1
    gpus: float = 0


class Replica:
    """An encoder in a process of the cluster."""

    def __init__(self, spec: str, precision: Precision, secret: str) -> None:
        """Load the encoder.

        Raises:
            ValueError: There is no such encoder, or it sees images that are not square, or its node
                cannot compute in this precision.
            OSError: Its weights cannot be read or downloaded.
        """
        self._encoder = encoder = encoders.load(spec, precision=precision)
        encoder.embed_texts(["a photo"])  # the first text takes seconds
        self._answering = Answering(spec, encoder, secret=secret, embed=self._embed)

    async def __call__(self, request: Request) -> Response:
        """Answer an HTTP request."""
        return await self._answering.answer(request)

    @serve.batch(
        max_batch_size=MOST_AT_ONCE,
        batch_wait_timeout_s=0.0,
        batch_size_fn=lambda requests: sum(map(len, requests)),
    )
    async def _embed(self, requests: list[Squares]) -> list[Floats]:
        """Embed the images of several requests together; return the vectors of each."""
        vectors = await asyncio.to_thread(self._run, np.concatenate(requests))
        return np.split(vectors, np.cumsum([len(each) for each in requests])[:-1])

    def _run(self, squares: Squares) -> Floats:
        return self._encoder.embed(self._encoder.normalise(squares))


def deploy(
    spec: str, precision: Precision, *, secret: str, scale: Scale, host: str, port: int
) -> None:
    """Start or replace an encoder of the service, and return when a replica is ready.

    The process must be connected to a cluster. Serve listens on every node with a replica, on the
    ``host`` and ``port`` of the encoder that was started first.

    Raises:
        RuntimeError: No replica starts; the message says why.
    """
    serve.start(proxy_location="EveryNode", http_options=HTTPOptions(host=host, port=port))
    deployment = serve.deployment(
        Replica,
        name="Encoder",
        max_ongoing_requests=ONGOING,
        max_queued_requests=QUEUED,
        ray_actor_options={"num_cpus": scale.cpus, "num_gpus": scale.gpus},
        autoscaling_config={
            "min_replicas": scale.least,
            "max_replicas": scale.most,
            "target_ongoing_requests": TARGET,
        },
    )
    path = route(spec)
    serve.run(deployment.bind(spec, precision, secret), name=path[1:], route_prefix=path)
