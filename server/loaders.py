"""Reads of one operation, gathered so that a page costs the same number of queries as one row."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader
from tortoise.functions import Count
from tortoise.models import Model as Row

from pigeonhole import answers, likeness, models
from pigeonhole.predictions import Prediction
from pigeonhole.services import Services

R = TypeVar("R", bound=Row)

NEAR_DUPLICATES = 10
"""Most near-duplicates of one sample that are looked for."""


class Loaders:
    """One DataLoader for each kind of row; they live as long as one operation or event."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.functions = DataLoader(load_fn=_by_id(models.Function))
        self.labels = DataLoader(load_fn=_by_id(models.Label))
        self.samples = DataLoader(load_fn=_by_id(models.Sample))
        self.models = DataLoader(load_fn=_by_id(models.Model))
        self.runs = DataLoader(load_fn=_by_id(models.TrainingRun))
        self.api_keys = DataLoader(load_fn=_by_id(models.ApiKey))
        self.runs_of_models = DataLoader(load_fn=_runs_of_models)
        self.sample_counts = DataLoader(load_fn=_sample_counts)
        self.predictions = DataLoader(load_fn=self._predictions)
        self.near_duplicates = DataLoader(load_fn=self._near_duplicates)

    async def _predictions(self, ids: list[UUID]) -> list[Prediction | None]:
        samples = [row for row in await self.samples.load_many(ids) if row is not None]
        found = await answers.of_samples(self._services, samples)
        return [found.get(id) for id in ids]

    async def _near_duplicates(self, ids: list[UUID]) -> list[list[UUID]]:
        samples = [row for row in await self.samples.load_many(ids) if row is not None]
        found = await likeness.near_duplicates(self._services, samples, NEAR_DUPLICATES)
        return [found.get(id, []) for id in ids]


def _by_id(row: type[R]) -> Callable[[list[UUID]], Awaitable[Sequence[R | None]]]:
    async def load(ids: list[UUID]) -> Sequence[R | None]:
        found = {one.pk: one for one in await row.filter(id__in=ids)}
        return [found.get(id) for id in ids]

    return load


async def _runs_of_models(ids: list[UUID]) -> Sequence[models.TrainingRun | None]:
    found = {run.model_id: run for run in await models.TrainingRun.filter(model_id__in=ids)}
    return [found.get(id) for id in ids]


async def _sample_counts(label_ids: list[UUID]) -> Sequence[int]:
    """Annotated samples of each label."""
    counted = models.Sample.filter(label_id__in=label_ids).annotate(count=Count("id"))
    found = dict(await counted.group_by("label_id").values_list("label_id", "count"))
    return [found.get(id, 0) for id in label_ids]
