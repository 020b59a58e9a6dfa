"""Reads of one operation, gathered so that a page costs the same number of queries as one row."""

from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader
from tortoise.functions import Count
from tortoise.models import Model as Row

from pigeonhole import answers, likeness
from pigeonhole.models import ApiKey, Function, Label, Model, Sample, TrainingRun
from pigeonhole.predictions import Prediction
from pigeonhole.services import Services

R = TypeVar("R", bound=Row)

NEAR_DUPLICATES = 10
"""Most near-duplicates of one sample that are looked for."""


class Loaders:
    """One DataLoader for each kind of row; they live as long as one operation or event.

    Each is made when it is first asked for: most operations need one or none of them.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    @cached_property
    def functions(self) -> DataLoader[UUID, Function | None]:
        """Functions by id."""
        return DataLoader(load_fn=_by_id(Function))

    @cached_property
    def labels(self) -> DataLoader[UUID, Label | None]:
        """Labels by id."""
        return DataLoader(load_fn=_by_id(Label))

    @cached_property
    def samples(self) -> DataLoader[UUID, Sample | None]:
        """Samples by id."""
        return DataLoader(load_fn=_by_id(Sample))

    @cached_property
    def models(self) -> DataLoader[UUID, Model | None]:
        """Models by id."""
        return DataLoader(load_fn=_by_id(Model))

    @cached_property
    def runs(self) -> DataLoader[UUID, TrainingRun | None]:
        """Training runs by id."""
        return DataLoader(load_fn=_by_id(TrainingRun))

    @cached_property
    def api_keys(self) -> DataLoader[UUID, ApiKey | None]:
        """API keys by id."""
        return DataLoader(load_fn=_by_id(ApiKey))

    @cached_property
    def runs_of_models(self) -> DataLoader[UUID, TrainingRun | None]:
        """The runs that made models, by the models' ids."""
        return DataLoader(load_fn=_runs_of_models)

    @cached_property
    def sample_counts(self) -> DataLoader[UUID, int]:
        """How many samples are annotated with labels, by the labels' ids."""
        return DataLoader(load_fn=_sample_counts)

    @cached_property
    def predictions(self) -> DataLoader[UUID, Prediction | None]:
        """What the active models say of samples, by the samples' ids."""
        return DataLoader(load_fn=self._predictions)

    @cached_property
    def near_duplicates(self) -> DataLoader[UUID, list[UUID]]:
        """Samples that show almost the same as others, by the others' ids."""
        return DataLoader(load_fn=self._near_duplicates)

    @cached_property
    def groups(self) -> DataLoader[UUID, list[likeness.Group]]:
        """Groups of near-duplicates, by the functions' ids."""
        return DataLoader(load_fn=self._groups)

    async def _predictions(self, ids: list[UUID]) -> list[Prediction | None]:
        samples = [row for row in await self.samples.load_many(ids) if row is not None]
        found = await answers.of_samples(self._services, samples)
        return [found.get(id) for id in ids]

    async def _near_duplicates(self, ids: list[UUID]) -> list[list[UUID]]:
        samples = [row for row in await self.samples.load_many(ids) if row is not None]
        found = await likeness.near_duplicates(self._services, samples, NEAR_DUPLICATES)
        return [found.get(id, []) for id in ids]

    async def _groups(self, function_ids: list[UUID]) -> list[list[likeness.Group]]:
        rows = [row for row in await self.functions.load_many(function_ids) if row is not None]
        found = {row.id: await likeness.groups(self._services, row) for row in rows}
        return [found.get(id, []) for id in function_ids]


def _by_id(row: type[R]) -> Callable[[list[UUID]], Awaitable[Sequence[R | None]]]:
    async def load(ids: list[UUID]) -> Sequence[R | None]:
        found = {one.pk: one for one in await row.filter(id__in=ids)}
        return [found.get(id) for id in ids]

    return load


async def _runs_of_models(ids: list[UUID]) -> Sequence[TrainingRun | None]:
    found = {run.model_id: run for run in await TrainingRun.filter(model_id__in=ids)}
    return [found.get(id) for id in ids]


async def _sample_counts(label_ids: list[UUID]) -> Sequence[int]:
    """Annotated samples of each label."""
    counted = Sample.filter(label_id__in=label_ids).annotate(count=Count("id"))
    found = dict(await counted.group_by("label_id").values_list("label_id", "count"))
    return [found.get(id, 0) for id in label_ids]
