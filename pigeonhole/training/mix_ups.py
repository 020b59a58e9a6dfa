"""Which labels a model mixes up, from its held-out answers."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from pigeonhole.classifier.mix_ups import MixUp, mix_ups
from pigeonhole.services.held_out import HeldOut
from pigeonhole.services.services import Services
from pigeonhole.tables import Model
from pigeonhole.training.next_labels import measured


@dataclass(frozen=True)
class MixedUp:
    """Two labels that a model mixes up, and how often."""

    label_ids: tuple[UUID, UUID]
    found: MixUp


async def of_model(services: Services, model: Model) -> list[MixedUp]:
    """Return the labels that a model mixes up, the worst first; none while that cannot be told."""
    held_out = await measured(services, model)
    return [] if held_out is None else await asyncio.to_thread(_of, held_out)


def _of(held_out: HeldOut) -> list[MixedUp]:
    labels = held_out.labels
    found = mix_ups(
        held_out.truth, held_out.top[:, 0], held_out.graded, held_out.sizes, len(labels)
    )
    return [MixedUp((labels[pair.labels[0]], labels[pair.labels[1]]), pair) for pair in found]
