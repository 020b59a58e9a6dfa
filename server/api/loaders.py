"""DataLoaders of one operation, so that a page costs as many queries as one row."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property, partial
from typing import TypeVar
from uuid import UUID

from strawberry.dataloader import Batch, DataLoader, dispatch_batch
from tortoise.expressions import RawSQL
from tortoise.functions import Count
from tortoise.models import Model as Row

from pigeonhole.classifier.metrics import Threshold
from pigeonhole.errors import PigeonholeError
from pigeonhole.services.predictors import Prediction
from pigeonhole.services.services import Services
from pigeonhole.services.spending import Spend, free
from pigeonhole.tables import ApiKey, Function, Label, Model, Sample, TrainingRun
from pigeonhole.training import answers, likeness, near_duplicates
from server.transport.completion import Completion

K = TypeVar("K")
T = TypeVar("T")
R = TypeVar("R", bound=Row)
Load = Callable[[list[K]], Awaitable[Sequence[T | BaseException]]]

NEAR_DUPLICATES = 10
"""Most near-duplicates of one sample that are returned."""
FEW = 10
"""Labels that are looked up one by one."""
TOGETHER = 100
"""Labels that are read in one query, so that 1,000 rows do not hold the event loop."""
SHOWN = 20
"""Most samples of one group of near-duplicates that are shown."""


class Loader(DataLoader[K, T]):
    """A DataLoader whose values survive the cancellation of one of the fields that await them.

    When a field fails, GraphQL cancels its siblings. Otherwise a value that one of them awaits
    would be cancelled too, and with it all other fields that await it, and the whole request.

    A batch is loaded when no list is being completed, because a break in one would split the batch.
    """

    def __init__(self, load: Load[K, T], completion: Completion) -> None:
        super().__init__(load_fn=load)
        self._completion = completion
        self._loading: set[asyncio.Task[None]] = set()

    def load(self, key: K) -> Awaitable[T]:
        """Return the value of a key."""
        future = self.cache_map.get(key)
        if future is None or future.cancelled():
            future = asyncio.get_running_loop().create_future()
            self.cache_map.set(key, future)
            if self.batch is None or self.batch.dispatched:
                self.batch = Batch()
                self._completion.call_when_none(partial(self._dispatch, self.batch))
            self.batch.add_task(key, future)
        return asyncio.shield(future)

    def knows(self, key: K) -> bool:
        """Return whether the value of a key has been loaded."""
        future = self.cache_map.get(key)
        return future is not None and future.done() and not future.cancelled()

    def known(self, key: K) -> T:
        """Return a value that has been loaded."""
        future = self.cache_map.get(key)
        assert future is not None
        return future.result()

    def _dispatch(self, batch: Batch[K, T]) -> None:
        task = asyncio.create_task(dispatch_batch(self, batch))
        self._loading.add(task)
        task.add_done_callback(self._loading.discard)


class Loaders:
    """One loader for each kind of row, for the time of one operation or event.

    Each is created at first use, because most operations need one or none.
    """

    def __init__(self, services: Services, spend: Spend = free) -> None:
        """Create loaders over services; ``spend`` takes the points of work that depends on size."""
        self._services = services
        self._spend = spend
        self.completion = Completion()
        self._reading_labels = asyncio.Lock()

    def _loader(self, load: Load[K, T]) -> Loader[K, T]:
        return Loader(load, self.completion)

    @cached_property
    def functions(self) -> Loader[UUID, Function | None]:
        """Functions by id."""
        return self._loader(_by_id(Function))

    @cached_property
    def labels(self) -> Loader[UUID, Label | None]:
        """Labels by id."""
        return self._loader(_by_id(Label))

    async def label_rows(self, ids: Sequence[UUID]) -> list[Label | None]:
        """Return labels by ID: many at once, without a future for each that is known already.

        One caller goes on after another, each in a turn of the event loop, because an operation can
        ask for the labels of 100 rankings.
        """
        if len(ids) <= FEW:
            return await self.labels.load_many(ids)
        async with self._reading_labels:
            missing = [id for id in dict.fromkeys(ids) if not self.labels.knows(id)]
            for start in range(0, len(missing), TOGETHER):
                await self.labels.load_many(missing[start : start + TOGETHER])
            return [self.labels.known(id) for id in ids]

    @cached_property
    def samples(self) -> Loader[UUID, Sample | None]:
        """Samples by id."""
        return self._loader(_by_id(Sample))

    @cached_property
    def models(self) -> Loader[UUID, Model | None]:
        """Models by id."""
        return self._loader(_by_id(Model))

    @cached_property
    def runs(self) -> Loader[UUID, TrainingRun | None]:
        """Training runs by id."""
        return self._loader(_by_id(TrainingRun))

    @cached_property
    def api_keys(self) -> Loader[UUID, ApiKey | None]:
        """API keys by id."""
        return self._loader(_by_id(ApiKey))

    @cached_property
    def runs_of_models(self) -> Loader[UUID, TrainingRun | None]:
        """The runs that made models, by model ID."""
        return self._loader(_runs_of_models)

    @cached_property
    def sample_counts(self) -> Loader[UUID, int]:
        """Numbers of annotated samples, by label ID."""
        return self._loader(_sample_counts)

    @cached_property
    def predictions(self) -> Loader[UUID, Prediction | None]:
        """Predictions of the active models, by sample ID."""
        return self._loader(self._predictions)

    @cached_property
    def near_duplicates(self) -> Loader[UUID, list[UUID]]:
        """Near-duplicates of samples, by sample ID."""
        return self._loader(self._near_duplicates)

    @cached_property
    def evidence(self) -> Loader[likeness.Asked, list[likeness.Like]]:
        """The annotated samples most similar to images."""
        return self._loader(self._evidence)

    @cached_property
    def thresholds(self) -> Loader[tuple[UUID, float], Threshold]:
        """Confidence thresholds, by model and promised error rate."""
        return self._loader(self._thresholds)

    @cached_property
    def grouped(self) -> Loader[UUID, list[Sample]]:
        """The oldest samples of groups of near-duplicates, by group ID."""
        return self._loader(_grouped)

    async def _predictions(self, ids: list[UUID]) -> list[Prediction | None]:
        samples = [row for row in await self.samples.load_many(ids) if row is not None]
        found = await answers.of_samples(self._services, samples)
        return [found.get(id) for id in ids]

    async def _near_duplicates(self, ids: list[UUID]) -> list[list[UUID]]:
        samples = [row for row in await self.samples.load_many(ids) if row is not None]
        found = await near_duplicates.of_samples(
            self._services, samples, NEAR_DUPLICATES, self._spend
        )
        return [found.get(id, []) for id in ids]

    async def _evidence(self, asked: list[likeness.Asked]) -> list[list[likeness.Like]]:
        return await likeness.evidence(self._services, asked, self._spend)

    async def _thresholds(
        self, asked: list[tuple[UUID, float]]
    ) -> Sequence[Threshold | PigeonholeError]:
        ids = list(dict.fromkeys(id for id, _ in asked))
        predictors = dict(zip(ids, await self._services.predictors.get_many(ids), strict=True))

        def find() -> list[Threshold | PigeonholeError]:
            return [
                found if isinstance(found, PigeonholeError) else found.held_out.threshold(rate)
                for found, rate in ((predictors[id], rate) for id, rate in asked)
            ]

        return await asyncio.to_thread(find)


def _by_id(row: type[R]) -> Callable[[list[UUID]], Awaitable[Sequence[R | None]]]:
    async def load(ids: list[UUID]) -> Sequence[R | None]:
        found = {one.pk: one for one in await row.filter(id__in=ids)}
        return [found.get(id) for id in ids]

    return load


async def _grouped(ids: list[UUID]) -> list[list[Sample]]:
    literals = ", ".join(f"'{id}'" for id in ids)
    oldest = (
        "(SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY group_id ORDER BY id) "
        f"AS place FROM sample WHERE group_id IN ({literals})) AS placed WHERE place <= {SHOWN})"
    )
    found: dict[UUID | None, list[Sample]] = defaultdict(list)
    for row in await Sample.filter(id__in=RawSQL(oldest)).order_by("id"):
        found[row.group_id].append(row)
    return [found[id] for id in ids]


async def _runs_of_models(ids: list[UUID]) -> Sequence[TrainingRun | None]:
    found = {run.model_id: run for run in await TrainingRun.filter(model_id__in=ids)}
    return [found.get(id) for id in ids]


async def _sample_counts(label_ids: list[UUID]) -> Sequence[int]:
    """Annotated samples of each label."""
    counted = Sample.filter(label_id__in=label_ids).annotate(count=Count("id"))
    found = dict(await counted.group_by("label_id").values_list("label_id", "count"))
    return [found.get(id, 0) for id in label_ids]
