"""Pictures to vectors, each computed once for its content and encoder."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from tortoise.transactions import in_transaction

from pigeonhole import encoders, images
from pigeonhole.batching import Batcher
from pigeonhole.encoders import Encoder
from pigeonhole.models import Choice, Embedding, Label
from pigeonhole.settings import Settings
from pigeonhole.storage import Storage

K = TypeVar("K")
V = TypeVar("V")

Floats = NDArray[np.float32]

BATCH = 32
"""Pictures embedded at once; more gains nothing on CPUs."""
MOST_WAITING = 512
"""Pictures of `invoke` that may wait for the encoder before more are refused."""
CACHED = 100_000
"""Vectors kept in memory: 256 MB at 1,280 dimensions."""


class Recent(OrderedDict[K, V]):
    """The entries used last; for values that a key fixes, so that none is ever stale."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def recall(self, key: K) -> V | None:
        """The value, if it is kept."""
        if key not in self:
            return None
        self.move_to_end(key)
        return self[key]

    def keep(self, key: K, value: V) -> None:
        """Keep the value, and let go of the one unused for longest."""
        self[key] = value
        self.move_to_end(key)
        if len(self) > self._most:
            self.popitem(last=False)


async def chosen_encoder(settings: Settings) -> str:
    """The encoder for new functions.

    What `auto` stands for is decided once and recorded: it never changes by itself afterwards.
    """
    if settings.encoder != "auto":
        return settings.encoder
    choice = await Choice.get_or_none(name="encoder")
    if choice is None:
        spec = await asyncio.to_thread(
            encoders.choose, "auto", fetch_timeout_s=settings.encoder_fetch_timeout_s
        )
        choice, _ = await Choice.get_or_create(name="encoder", defaults={"value": spec})
    return choice.value


@dataclass
class Loaded:
    """An encoder in memory, and the queue of single pictures before it."""

    encoder: Encoder
    one: Batcher[Floats, Floats]
    serving: list[asyncio.Task[None]]


@dataclass
class Encoding:
    """The encoders that a process has loaded, and the vectors it has seen."""

    storage: Storage
    settings: Settings
    _loaded: dict[str, Loaded] = field(default_factory=dict)
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _vectors: Recent[tuple[str, str], NDArray[np.float16]] = field(
        default_factory=lambda: Recent(CACHED)
    )
    _texts: Recent[tuple[str, str, str], Floats] = field(default_factory=lambda: Recent(CACHED))

    async def load(self, spec: str) -> Encoder:
        """The encoder that a function names, loaded at its first use."""
        return (await self._load(spec)).encoder

    async def _load(self, spec: str) -> Loaded:
        async with self._loading:
            if spec not in self._loaded:
                encoder = await asyncio.to_thread(encoders.load, spec)
                one = Batcher[Floats, Floats](
                    lambda pixels: list(encoder.embed(np.stack(pixels))),
                    largest=encoder.batch,
                    most_waiting=MOST_WAITING,
                )
                serving = [asyncio.create_task(one.serve()) for _ in range(encoder.lanes)]
                self._loaded[spec] = Loaded(encoder, one, serving)
            return self._loaded[spec]

    async def close(self) -> None:
        """Stop the queues; whoever waits in one is told."""
        serving = [task for loaded in self._loaded.values() for task in loaded.serving]
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    async def embed_one(self, spec: str, picture: images.Picture) -> Floats:
        """A single picture's vector ``(dim,)``, batched with those that arrive meanwhile."""
        loaded = await self._load(spec)
        known = await self.known(loaded.encoder, [picture.sha256])
        if known:
            return known[picture.sha256].astype(np.float32)
        pixels = await asyncio.to_thread(loaded.encoder.preprocess, picture.rgb)
        return await loaded.one(pixels)

    async def prototypes(self, encoder: Encoder, labels: Sequence[Label]) -> dict[UUID, Floats]:
        """By label, the vector ``(dim,)`` that its name and description stand for."""
        keys = [(encoder.identity, label.name, label.description or "") for label in labels]
        missing = list(dict.fromkeys(key for key in keys if key not in self._texts))
        if missing:
            vectors = await asyncio.to_thread(
                encoder.embed_texts,
                [name for _, name, _ in missing],
                [description or None for _, _, description in missing],
            )
            for key, vector in zip(missing, vectors, strict=True):
                self._texts.keep(key, vector)
        return {label.id: self._texts[key] for label, key in zip(labels, keys, strict=True)}

    async def known(
        self, encoder: Encoder, sha256s: Sequence[str]
    ) -> dict[str, NDArray[np.float16]]:
        """The vectors that were computed before, by picture."""
        found: dict[str, NDArray[np.float16]] = {}
        missing = []
        for sha256 in sha256s:
            vector = self._vectors.recall((encoder.identity, sha256))
            if vector is None:
                missing.append(sha256)
            else:
                found[sha256] = vector
        for start in range(0, len(missing), 500):
            rows = Embedding.filter(
                encoder=encoder.identity, sha256__in=missing[start : start + 500]
            )
            for sha256, data in await rows.values_list("sha256", "vector"):
                found[sha256] = vector = np.frombuffer(data, np.float16)
                self._vectors.keep((encoder.identity, sha256), vector)
        return found

    async def embed_stored(self, encoder: Encoder, sha256s: Sequence[str]) -> None:
        """Embed stored pictures as one batch, and keep the vectors."""
        pixels = await asyncio.gather(*(self._pixels(encoder, sha256) for sha256 in sha256s))
        vectors = await asyncio.to_thread(encoder.embed, np.stack(pixels))
        rows = [
            Embedding(sha256=sha256, encoder=encoder.identity, vector=vector.tobytes())
            for sha256, vector in zip(sha256s, vectors.astype(np.float16), strict=True)
        ]
        async with in_transaction():
            await Embedding.bulk_create(rows, ignore_conflicts=True)

    async def _pixels(self, encoder: Encoder, sha256: str) -> Floats:
        data = await self.storage.get(sha256)

        def prepare() -> Floats:
            picture = images.decode(
                data,
                max_bytes=self.settings.max_image_bytes,
                max_pixels=self.settings.max_image_pixels,
                at_least=encoder.image_size,
            )
            return encoder.preprocess(picture.rgb)

        return await asyncio.to_thread(prepare)
