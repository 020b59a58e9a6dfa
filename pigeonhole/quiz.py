"""The quiz: people grade what the model says of samples that it has not learned from."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from pigeonhole import samples
from pigeonhole.classifier.intervals import Estimate, wilson
from pigeonhole.errors import ConflictError, NotFoundError
from pigeonhole.models import AnnotationSource, Function, Grade, Sample
from pigeonhole.revisions import training_set_changed
from pigeonhole.samples import LabelChoice
from pigeonhole.services import Services

REMEMBERED = 100
"""Grades that count, the newest ones: older ones are of models long replaced."""


@dataclass(frozen=True)
class Graded:
    """A verdict on an answer that was shown; ``label`` is the right one, where it is known."""

    sample_id: UUID
    shown: UUID  # label
    right: bool
    label: LabelChoice | None
    path: tuple[str, ...]


async def questions(function: Function, count: int) -> list[Sample]:
    """Samples to grade: a random draw of those that nobody annotated and the model answered.

    The draw is the same until annotations change, so that a page that is loaded again shows the
    same quiz. It is by content: SHA-256 is as good as random, and knows nothing of the labels.
    """
    waiting = _ungraded(function).order_by("sha256")
    return await waiting.limit(count)


async def grade(services: Services, verdicts: Sequence[Graded]) -> list[Sample]:
    """Keep verdicts and annotate the samples with the right answers; all of them or none.

    Raises:
        NotFoundError: There is no such sample.
        ConflictError: It is annotated already, or the model has not answered it.
    """
    async with in_transaction():
        annotations = [
            (verdict.sample_id, label, verdict.path)
            for verdict in verdicts
            if (label := await _keep(verdict)) is not None
        ]
        _, changed = await samples.write(annotations, AnnotationSource.PERSON)
    for function_id in changed:
        await training_set_changed(services, function_id)
    rows = {row.id: row for row in await Sample.filter(id__in=[v.sample_id for v in verdicts])}
    if len(rows) < len({verdict.sample_id for verdict in verdicts}):
        raise NotFoundError("A sample was deleted meanwhile.")
    return [rows[verdict.sample_id] for verdict in verdicts]


async def _keep(verdict: Graded) -> LabelChoice | None:
    """Write one verdict; return the right answer, where it is known."""
    path = (*verdict.path, "sampleId")
    sample = await samples.get(verdict.sample_id, path)
    function = await Function.get(id=sample.function_id)
    if sample.label_id is not None or sample.predicted_id is None:
        raise ConflictError(
            "Only answers of samples that nobody has annotated can be graded.", path=path
        )
    await Grade.update_or_create(
        {"function_id": function.id, "right": verdict.right},
        sample_id=sample.id,
        model_id=function.active_model_id,
    )
    return LabelChoice(id=verdict.shown) if verdict.right else verdict.label


async def share_right(function_id: UUID) -> Estimate:
    """The share of graded answers that were right, over the newest ``REMEMBERED``."""
    newest = await Grade.filter(function_id=function_id).order_by("-id").limit(REMEMBERED)
    right = sum(one.right for one in newest)
    return wilson(right / len(newest) if newest else float("nan"), len(newest))


def _ungraded(function: Function) -> QuerySet[Sample]:
    waiting = Sample.filter(function_id=function.id, label_id=None, predicted_id__isnull=False)
    graded = Grade.filter(function_id=function.id, model_id=function.active_model_id)
    return waiting.exclude(id__in=Subquery(graded.values("sample_id")))
