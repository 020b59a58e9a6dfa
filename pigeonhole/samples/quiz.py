"""The quiz: people grade predictions for samples that the model has not learned from."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from pigeonhole.access import audit
from pigeonhole.classifier.intervals import Estimate, wilson
from pigeonhole.errors import ConflictError, NotFoundError
from pigeonhole.kinds import AnnotationSource
from pigeonhole.revisions import lock, training_set_changed
from pigeonhole.samples import acceptance, annotations
from pigeonhole.samples.annotations import LabelChoice
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Grade, Sample
from pigeonhole.tables.teaching import TEACHES_NOTHING, teaches

REMEMBERED = 100
"""Newest grades that count; older ones are about models replaced long ago."""


@dataclass(frozen=True)
class Graded:
    """A verdict on a shown prediction; ``label`` is the right label, if known."""

    sample_id: UUID
    shown: UUID  # ID of the predicted label that was shown
    right: bool
    label: LabelChoice | None
    path: tuple[str, ...]


async def questions(function: Function, count: int) -> list[Sample]:
    """Return samples to grade: a random draw of those with a prediction that nobody annotated.

    Accepted predictions are among them; without these, the surest ones would be left out.

    The draw stays the same until annotations change, so that a reloaded page shows the same quiz.
    It is by SHA-256, which is as good as random and independent of the labels.
    """
    waiting = _ungraded(function).order_by("sha256")
    return await waiting.limit(count)


async def grade(
    services: Services,
    verdicts: Sequence[Graded],
    *,
    record: audit.Record = audit.unrecorded,
) -> list[Sample]:
    """Store verdicts and annotate the samples with the right labels, all or none.

    An accepted prediction that is wrong is cleared, if the right label is unknown.

    Raises:
        NotFoundError: Sample not found.
        ConflictError: A sample is annotated already, or has no prediction.
    """
    async with in_transaction():
        graded = Sample.filter(id__in=[verdict.sample_id for verdict in verdicts])
        await lock({row.function_id for row in await graded.only("function_id")})
        choices = [
            (verdict.sample_id, label, verdict.path)
            for verdict in verdicts
            if (label := await _keep(verdict)) is not None
        ]
        _, changed = await annotations.write(choices, AnnotationSource.PERSON, by=record.by)
        wrong = [one.sample_id for one in verdicts if not one.right and one.label is None]
        await acceptance.reject(wrong)
        await record(await Sample.filter(id__in=[v.sample_id for v in verdicts]).only("id"))
    for function_id in changed:
        await training_set_changed(services, function_id)
    rows = {row.id: row for row in await Sample.filter(id__in=[v.sample_id for v in verdicts])}
    if len(rows) < len({verdict.sample_id for verdict in verdicts}):
        raise NotFoundError("A sample has just been deleted.")
    return [rows[verdict.sample_id] for verdict in verdicts]


async def _keep(verdict: Graded) -> LabelChoice | None:
    """Write one verdict; return the right label, if known."""
    path = (*verdict.path, "sampleId")
    sample = await annotations.get(verdict.sample_id, path)
    function = await Function.get(id=sample.function_id)
    if teaches(sample) or sample.predicted_id is None:
        raise ConflictError(
            "Only predictions of samples without annotation can be graded.", path=path
        )
    await Grade.update_or_create(
        {"function_id": function.id, "right": verdict.right},
        sample_id=sample.id,
        model_id=function.active_model_id,
    )
    return LabelChoice(id=verdict.shown) if verdict.right else verdict.label


async def share_right(function_id: UUID) -> Estimate:
    """Return the share of right predictions among the newest ``REMEMBERED`` grades."""
    newest = await Grade.filter(function_id=function_id).order_by("-id").limit(REMEMBERED)
    right = sum(one.right for one in newest)
    return wilson(right / len(newest) if newest else float("nan"), len(newest))


def _ungraded(function: Function) -> QuerySet[Sample]:
    samples = Sample.filter(function_id=function.id, predicted_id__isnull=False)
    waiting = samples.filter(TEACHES_NOTHING)
    graded = Grade.filter(function_id=function.id, model_id=function.active_model_id)
    return waiting.exclude(id__in=Subquery(graded.values("sample_id")))
