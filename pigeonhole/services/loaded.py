"""The encoders that a process has loaded, each with a queue of single images."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pigeonhole import encoders
from pigeonhole.encoders import Encoder, Precision, remote
from pigeonhole.encoders.remote import RemoteEncoder, Service
from pigeonhole.services import choices, metrics
from pigeonhole.services.batching import Batcher

Floats = NDArray[np.float32]

MOST_WAITING = 512
"""Images of `invoke` that may wait for the encoder before further ones are refused."""


def embed_waiting(encoder: Encoder, pixels: Sequence[Floats]) -> list[Floats]:
    """Embed a batch of queued images; return one vector for each."""
    metrics.ENCODER_BATCH.observe(len(pixels))
    return list(encoder.embed(np.stack(pixels)))


@dataclass
class Loaded:
    """An encoder in memory, and its queue of single images."""

    encoder: Encoder
    one: Batcher[Floats, Floats]
    serving: list[asyncio.Task[None]]

    @property
    def is_current(self) -> bool:
        """Whether it still computes what the encoder service does, if it is one of that."""
        return not (isinstance(self.encoder, RemoteEncoder) and self.encoder.changed)


@dataclass
class LoadedEncoders:
    """Encoders by the names that functions use, each loaded at first use.

    Attributes:
        folder: Where encoders keep what they derive from their weights.
        precision: What this process computes in.
        service: The service that computes in place of this process, if any.
    """

    folder: Path | None = None
    precision: Precision = Precision.AUTO
    service: Service | None = None
    _by_spec: dict[str, Loaded] = field(default_factory=dict)
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def identities(self) -> dict[str, str]:
        """The identities of the encoders in memory."""
        return {spec: loaded.encoder.identity for spec, loaded in self._by_spec.items()}

    async def get(self, spec: str) -> Loaded:
        """Return an encoder; it is loaded again if the service has replaced it.

        Raises:
            ValueError: There is no such encoder, or its weights are not those used first.
            OSError: Its weights cannot be read or downloaded, or the service does not answer.
        """
        loaded = self._by_spec.get(spec)
        if loaded is not None and loaded.is_current:  # whatever else is being loaded
            return loaded
        async with self._loading:
            loaded = self._by_spec.get(spec)
            if loaded is None or not loaded.is_current:
                self._by_spec[spec] = await self._load(spec)
                if loaded is not None:
                    await _stop([loaded])
            return self._by_spec[spec]

    async def is_here(self, spec: str) -> bool:
        """Return whether an encoder loads without a download.

        Raises:
            ValueError: There is no such encoder.
            OSError: The service does not answer.
        """
        return await asyncio.to_thread(choices.is_here, spec, self.service)

    async def check(self) -> None:
        """Check that the service, if any, answers, by one of the encoders in memory.

        Raises:
            OSError: It does not, or has that encoder no longer.
        """
        for spec in list(self._by_spec)[:1]:
            if self.service is not None and not await self.is_here(spec):
                raise remote.UnknownError(f"The encoder service no longer has {spec}.")

    async def close(self) -> None:
        """Stop the queues; calls that wait in one fail."""
        await _stop(self._by_spec.values())

    async def _load(self, spec: str) -> Loaded:
        encoder = await asyncio.to_thread(self._read, spec)
        await choices.hold_to_weights(spec, encoder)
        one = Batcher[Floats, Floats](
            partial(embed_waiting, encoder), largest=encoder.batch, most_waiting=MOST_WAITING
        )
        serving = [asyncio.create_task(one.serve()) for _ in range(encoder.lanes)]
        return Loaded(encoder, one, serving)

    def _read(self, spec: str) -> Encoder:
        if self.service is None:
            return encoders.load(spec, self.folder, self.precision)
        return self.service.load(spec)


async def _stop(stopped: Iterable[Loaded]) -> None:
    serving = [task for loaded in stopped for task in loaded.serving]
    for task in serving:
        task.cancel()
    await asyncio.gather(*serving, return_exceptions=True)
