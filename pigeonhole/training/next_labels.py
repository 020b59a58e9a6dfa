"""Which labels to annotate next, and what that is worth, from a model's held-out answers."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from pigeonhole.classifier.outlook import Outlook, outlook
from pigeonhole.errors import ConflictError
from pigeonhole.paging import check_count
from pigeonhole.services.held_out import HeldOut
from pigeonhole.services.services import Services
from pigeonhole.tables import Model


@dataclass(frozen=True)
class Advice:
    """Labels to annotate more samples of, and the accuracy to expect in addition, 0 to 1."""

    label_ids: tuple[UUID, ...]
    gain: float


async def next_labels(services: Services, model: Model, more: int) -> Advice | None:
    """Return the labels whose next samples are worth most; None while that cannot be told.

    Raises:
        InvalidError: ``more`` is not a number of samples from 1 to 100.
    """
    check_count(more, path=("sampleCount",))
    held_out = await measured(services, model)
    found = None if held_out is None else await asyncio.to_thread(_of, held_out, more)
    if held_out is None or found is None:
        return None
    return Advice(tuple(held_out.labels[index] for index in found.labels), found.gain)


async def measured(services: Services, model: Model) -> HeldOut | None:
    """Return the held-out answers of a model that has an accuracy, while they are kept."""
    if model.metrics["accuracy"] is None:
        return None
    try:
        return (await services.predictors.get(model.id)).held_out
    except ConflictError:  # too old
        return None


def _of(held_out: HeldOut, more: int) -> Outlook | None:
    truth, graded = held_out.truth, held_out.graded
    counts, measured, right = (
        np.bincount(truth[rows], minlength=len(held_out.labels))
        for rows in (np.ones_like(graded), graded, graded & held_out.right)
    )
    return outlook(counts, measured, right, more)
