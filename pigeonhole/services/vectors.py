"""Embeddings of images, each computed once for an image's content and an encoder."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray
from obstore.exceptions import BaseError
from tortoise.transactions import in_transaction

from pigeonhole import images
from pigeonhole.encoders import Encoder, parts
from pigeonhole.errors import NotFoundError, PigeonholeError
from pigeonhole.services import metrics, outages, tracing
from pigeonhole.services.decoding import Decoding
from pigeonhole.services.loaded import LoadedEncoders
from pigeonhole.services.storage import Storage
from pigeonhole.tables import Embedding, Label

Floats = NDArray[np.float32]

BATCH = 32
"""Images embedded at once; larger batches are no faster on CPUs."""
PLAIN_VERSION, PARTS_VERSION, COLORS_VERSION = "2", "3", "4"
"""Versions of preprocessing: the second differs for images of several parts, the third for images
whose colours are not given by a plain profile."""
READ_S = 30.0
"""Seconds that the storage may take to return an image."""
CACHED = 100_000
"""Vectors kept in memory: 256 MB at 1,280 dimensions."""


@dataclass(frozen=True)
class Prepared:
    """A picture without its pixels, and what an encoder is to look at of it."""

    picture: images.Picture
    parts: list[Floats]


def prepare(encoder: Encoder, picture: images.Picture) -> Prepared:
    """Preprocess a picture, so that its pixels need not be held while it waits for the encoder."""
    return Prepared(picture.without_pixels(), _parts(encoder, picture))


def _parts(encoder: Encoder, picture: images.Picture) -> list[Floats]:
    """Preprocess what the encoder is to look at of a picture."""
    cut = parts.cut(picture.rgb, picture.width, picture.height, encoder.seen)
    return [encoder.preprocess(part) for part in cut]


def _embed_all(encoder: Encoder, pictures: Sequence[Sequence[Floats]]) -> Floats:
    """Embed pictures by their preprocessed parts, ``(n, dim)``; a batch of parts at a time."""
    pixels = [part for picture in pictures for part in picture]
    batches = [np.stack(pixels[at : at + BATCH]) for at in range(0, len(pixels), BATCH)]
    vectors = np.concatenate([encoder.embed(batch) for batch in batches])
    ends = np.cumsum([len(picture) for picture in pictures])
    return np.stack([parts.joined(rows) for rows in np.split(vectors, ends[:-1])])


@dataclass
class Encoding:
    """Embeddings of images and texts, with a cache of vectors.

    Attributes:
        storage: Where images are read.
        decoding: What decodes them.
        loaded: The encoders in memory.
    """

    storage: Storage
    decoding: Decoding
    loaded: LoadedEncoders = field(default_factory=LoadedEncoders)
    _vectors: LRUCache[tuple[str, str], NDArray[np.float16]] = field(
        default_factory=lambda: LRUCache(CACHED)
    )
    _texts: LRUCache[tuple[str, str, str], Floats] = field(default_factory=lambda: LRUCache(CACHED))

    async def load(self, spec: str) -> Encoder:
        """Return the encoder of this name, loaded at first use."""
        return (await self.loaded.get(spec)).encoder

    async def embed_one(self, spec: str, prepared: Prepared) -> Floats:
        """Return the vector ``(dim,)`` of one image, batched with concurrent calls."""
        loaded = await self.loaded.get(spec)
        sha256 = prepared.picture.sha256
        known = await self.known(loaded.encoder, [sha256], exact=True)
        if known:
            return known[sha256].astype(np.float32)
        with metrics.ENCODER_WAITING.track_inprogress(), tracing.span("encoder.embed", images=1):
            waiting = (loaded.one(part) for part in prepared.parts)
            return parts.joined(np.stack(await asyncio.gather(*waiting)))

    async def prototypes(self, encoder: Encoder, labels: Sequence[Label]) -> dict[UUID, Floats]:
        """Return the text embedding ``(dim,)`` of each label's name and description, by label."""
        texts = [(label.name, label.description or "") for label in labels]
        vectors = await self.embed_texts(encoder, texts)
        return {label.id: vector for label, vector in zip(labels, vectors, strict=True)}

    async def embed_texts(self, encoder: Encoder, texts: Sequence[tuple[str, str]]) -> list[Floats]:
        """Return the embedding ``(dim,)`` of each name with its description, which may be empty."""
        keys = [(encoder.identity, name, description) for name, description in texts]
        found = {key: self._texts[key] for key in keys if key in self._texts}
        missing = list(dict.fromkeys(key for key in keys if key not in found))
        if missing:
            vectors = await asyncio.to_thread(
                encoder.embed_texts,
                [name for _, name, _ in missing],
                [description or None for _, _, description in missing],
            )
            embedded = dict(zip(missing, vectors, strict=True))
            self._texts.update(embedded)
            found |= embedded
        return [found[key] for key in keys]

    async def known(
        self, encoder: Encoder, sha256s: Sequence[str], *, exact: bool = False, keep: bool = True
    ) -> dict[str, NDArray[np.float16]]:
        """Return the stored vectors of images, by SHA-256.

        For an image without a vector of this encoder's identity, one of the same weights with
        another precision or version of preprocessing is used, unless ``exact``. Vectors stay in
        memory unless ``keep`` is false, as for a pass over a whole function.
        """
        found: dict[str, NDArray[np.float16]] = {}
        missing = []
        for sha256 in sha256s:
            vector = self._vectors.get((encoder.identity, sha256))
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
                if keep:
                    self._vectors[encoder.identity, sha256] = vector
        if not exact:
            missing = [sha256 for sha256 in missing if sha256 not in found]
            found |= await self._standing_in(encoder, missing)
        return found

    def forget(self, encoder: Encoder, sha256s: Sequence[str]) -> None:
        """Remove vectors from memory, so that only those that are stored count as known.

        Vectors that no function needs are deleted from the database, but not from the memory of
        each process.
        """
        for sha256 in sha256s:
            self._vectors.pop((encoder.identity, sha256), None)

    async def _standing_in(
        self, encoder: Encoder, sha256s: Sequence[str]
    ) -> dict[str, NDArray[np.float16]]:
        weights = encoder.identity.rsplit(":", 2)[0]  # before precision and preprocessing
        found = {}
        for start in range(0, len(sha256s), 500):
            rows = Embedding.filter(
                encoder__startswith=f"{weights}:", sha256__in=sha256s[start : start + 500]
            )
            for sha256, data in await rows.order_by("id").values_list("sha256", "vector"):
                vector = np.frombuffer(data, np.float16)
                if len(vector) == encoder.dimension:
                    found[sha256] = vector  # the newest is kept
        return found

    async def embed_stored(self, encoder: Encoder, sha256s: Sequence[str]) -> None:
        """Embed stored images as one batch, and store the vectors.

        Raises:
            AwayError: The storage does not return one of them.
            UnreadableImageError, ImageTooLargeError: One of them cannot be decoded.
        """
        pictures = await asyncio.gather(*(self._pixels(encoder, sha256) for sha256 in sha256s))
        with tracing.span("encoder.embed", images=len(pictures)):
            vectors = await asyncio.to_thread(_embed_all, encoder, pictures)
        await self._keep(encoder, dict(zip(sha256s, vectors.astype(np.float16), strict=True)))

    async def carry_over(
        self, encoder: Encoder, sha256s: Sequence[str], *, long: Collection[str]
    ) -> set[str]:
        """Take vectors of earlier versions for the encoder's own; return whose there were.

        Args:
            encoder: The encoder.
            sha256s: Images whose colours are read as by earlier versions.
            long: Those of them that have several parts, which the first version cropped.
        """
        weights, version = encoder.identity.rsplit(":", 1)
        if version != COLORS_VERSION:
            return set()
        vectors: dict[str, NDArray[np.float16]] = {}
        plain = [sha256 for sha256 in sha256s if sha256 not in long]
        for earlier, theirs in ((PLAIN_VERSION, plain), (PARTS_VERSION, sha256s)):
            rows = Embedding.filter(encoder=f"{weights}:{earlier}", sha256__in=list(theirs))
            for sha256, data in await rows.values_list("sha256", "vector"):
                vectors[str(sha256)] = np.frombuffer(data, np.float16)
        await self._keep(encoder, vectors)
        return set(vectors)

    async def _keep(self, encoder: Encoder, vectors: dict[str, NDArray[np.float16]]) -> None:
        rows = [
            Embedding(sha256=sha256, encoder=encoder.identity, vector=vector.tobytes())
            for sha256, vector in vectors.items()
        ]
        async with in_transaction():
            await Embedding.bulk_create(rows, ignore_conflicts=True)

    async def _pixels(self, encoder: Encoder, sha256: str) -> list[Floats]:
        try:
            async with asyncio.timeout(READ_S):
                data = await self.storage.get(sha256)
        except NotFoundError as error:
            raise outages.AwayError(f"the picture {sha256} in {outages.STORAGE}") from error
        except (BaseError, OSError) as error:  # TimeoutError is an OSError
            raise outages.AwayError(outages.STORAGE) from error

        try:
            return await self.decoding.decode(
                data, lambda picture: _parts(encoder, picture), at_least=encoder.image_size
            )
        except (MemoryError, PigeonholeError) as error:
            if outages.passing(error) is not None:  # there was too little memory at the moment
                raise outages.AwayError(outages.MEMORY) from error
            raise
