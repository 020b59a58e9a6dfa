"""A function of any size, written directly to a database: rows and vectors, but no images."""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import numpy as np

from pigeonhole import functions
from pigeonhole.encoders import Encoder
from pigeonhole.services.services import Services
from pigeonhole.tables import Embedding, Function, Label, Sample

SPREAD = 1.0
"""Length of a sample's noise where label means have length 1; about 90 % are predicted right."""
COPIES = 0.02
"""Share of the samples that are near-duplicates of the sample before."""
CHUNK = 2_000


@dataclass(frozen=True)
class Made:
    """A function, and the samples that a benchmark can annotate."""

    function: Function
    labels: list[Label]
    waiting: list[UUID]  # samples without an annotation
    annotated: int
    encoder: Encoder


async def make(
    services: Services, name: str, samples: int, annotated: int, labels: int, seed: int = 0
) -> Made:
    """Write a function with embedded samples, the first ``annotated`` of them with labels."""
    names = [f"Label {index}" for index in range(labels)]
    function = await functions.create(services, name=name, labels=names)
    rows = await Label.filter(function_id=function.id).order_by("id")
    encoder = await services.encoding.load(function.encoder)
    random = np.random.default_rng(seed)
    means = random.standard_normal((labels, encoder.dimension)).astype(np.float32)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    waiting: list[UUID] = []
    for start in range(0, samples, CHUNK):
        count = min(CHUNK, samples - start)
        codes = random.integers(0, labels, count)
        noise = random.standard_normal((count, encoder.dimension)).astype(np.float32)
        vectors = means[codes] + SPREAD * noise / np.sqrt(encoder.dimension)
        copies = np.flatnonzero(random.random(count - 1) < COPIES) + 1
        vectors[copies] = vectors[copies - 1] + 0.01 * noise[copies] / np.sqrt(encoder.dimension)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        shas = [sha256(f"{name} {start + index}".encode()).hexdigest() for index in range(count)]
        made = [
            Sample(
                function_id=function.id,
                sha256=sha,
                media_type="image/jpeg",
                width=640,
                height=480,
                byte_size=50_000,
                embedded=True,
                embedded_for=encoder.identity,
                label_id=rows[code].id if start + index < annotated else None,
                annotation_source="person" if start + index < annotated else None,
            )
            for index, (sha, code) in enumerate(zip(shas, codes.tolist(), strict=True))
        ]
        await Sample.bulk_create(made, batch_size=500)
        waiting += [row.id for row in made if row.label_id is None]
        await Embedding.bulk_create(
            [
                Embedding(sha256=sha, encoder=encoder.identity, vector=vector.tobytes())
                for sha, vector in zip(shas, vectors.astype(np.float16), strict=True)
            ],
            batch_size=500,
        )
    await Function.filter(id=function.id).update(
        upload_revision=1, embedded_revision=1, embedded_for=encoder.identity, group_revision=1
    )
    return Made(function, rows, waiting, annotated, encoder)
