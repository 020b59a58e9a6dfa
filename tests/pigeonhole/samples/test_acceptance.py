"""Predictions are accepted as annotations that teach nothing, and are taken back exactly."""

from datetime import UTC, datetime, timedelta

import pytest

from pigeonhole import grouping
from pigeonhole.errors import ConflictError, InvalidError, NotFoundError
from pigeonhole.kinds import AnnotationSource
from pigeonhole.samples import acceptance, annotations, quiz
from pigeonhole.samples.annotations import LabelChoice
from pigeonhole.samples.listing import Conditions
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Model, Sample, TrainingRun
from pigeonhole.training import runs, vectors_learned
from tests import build
from tests.conftest import RunJobs

EACH, WAITING = 6, 20
ALL = Conditions()


@pytest.fixture
async def function(services: Services, run_jobs: RunJobs) -> Function:
    """A function with a model of 12 annotated samples, and 20 samples without an annotation."""
    made = await build.function(services)
    await build.add_digits(services, made, EACH)
    await build.add_digits(services, made, WAITING // 2, skip=EACH, annotated=False)
    await run_jobs()
    await made.refresh_from_db()
    return made


async def waiting(function: Function) -> list[Sample]:
    """Return the samples without an annotation, the surest first."""
    rows = Sample.filter(function_id=function.id, label_id=None)
    return await rows.order_by("-confidence", "id")


def confidence_of(row: Sample) -> float:
    assert row.confidence is not None
    return row.confidence


async def accept(
    services: Services, function: Function, least: float = 0.0, at: datetime | None = None
) -> acceptance.Batch:
    model = await build.active_model(function)
    return await acceptance.accept(services, function.id, model.version, least, ALL, at=at)


async def accepted(function: Function) -> set[object]:
    rows = Sample.filter(function_id=function.id, annotation_source=AnnotationSource.ACCEPTED)
    return set(await rows.values_list("id", flat=True))


async def trained(services: Services, function: Function, run_jobs: RunJobs) -> Model:
    """Train, and return the model."""
    await runs.start(services, function.id)
    await run_jobs()
    model = await Model.filter(function_id=function.id).order_by("-version").first()
    assert model is not None
    return model


async def test_the_surest_predictions_are_counted_with_their_errors_and_then_accepted(
    services: Services, function: Function
) -> None:
    rows = await waiting(function)
    least = confidence_of(rows[6])
    sure = [row for row in rows if confidence_of(row) >= least]

    found = await acceptance.preview(services, function, least, ALL)
    done = await accept(services, function, least)
    again = await acceptance.preview(services, function, least, ALL)

    assert len(rows) == WAITING
    assert found.version == (await build.active_model(function)).version
    assert found.count == len(sure) >= 7
    assert found.expected_errors == pytest.approx(sum(1 - confidence_of(row) for row in sure))
    assert (done.count, done.more) == (len(sure), False)
    assert (again.count, again.expected_errors) == (0, 0.0)
    assert await accepted(function) == {row.id for row in sure}
    for row in sure:
        predicted = row.predicted_id
        await row.refresh_from_db()
        assert (row.label_id, row.annotated_at, row.confirmed) == (predicted, done.at, False)
    assert [row.id for row in await waiting(function)] == [row.id for row in rows[len(sure) :]]


async def test_only_samples_that_meet_the_filter_are_counted_and_accepted(
    services: Services, function: Function
) -> None:
    zero = await build.label(function, "0")
    conditions = Conditions(predicted_label_ids=[zero.id])
    zeros = {row.id for row in await waiting(function) if row.predicted_id == zero.id}
    model = await build.active_model(function)

    found = await acceptance.preview(services, function, 0.0, conditions)
    await acceptance.accept(services, function.id, model.version, 0.0, conditions)

    assert found.count == len(zeros) > 0
    assert await accepted(function) == zeros


async def test_accepted_predictions_change_neither_model_nor_accuracy_until_a_person_confirms(
    services: Services, function: Function, run_jobs: RunJobs
) -> None:
    before = await trained(services, function, run_jobs)
    await function.refresh_from_db()
    revision = function.revision

    await accept(services, function)
    await run_jobs()

    await function.refresh_from_db()
    assert (function.revision, len(await accepted(function))) == (revision, WAITING)
    after = await trained(services, function, run_jobs)
    assert after.version == before.version + 1
    assert after.metrics == before.metrics
    run = await TrainingRun.get(model_id=after.id)
    assert run.sample_count == 2 * EACH

    row = await Sample.filter(annotation_source=AnnotationSource.ACCEPTED).first()
    assert row is not None
    await annotations.annotate(services, [(row.id, LabelChoice(id=row.label_id), ())])
    await run_jobs()

    last = await TrainingRun.all().order_by("-id").first()
    assert last is not None
    assert last.sample_count == 2 * EACH + 1
    await row.refresh_from_db()
    assert row.annotation_source == AnnotationSource.PERSON


async def test_accepted_samples_are_no_evidence_and_stay_in_the_pool_until_confirmed(
    services: Services, function: Function
) -> None:
    encoder = await services.encoding.load(function.encoder)

    async def sizes() -> tuple[int, int]:
        await function.refresh_from_db()
        async with services.galleries.opened(function, encoder) as gallery:
            evidence = len(gallery)
        pool = await vectors_learned.unlabelled(services, encoder, function, 2 * EACH)
        return evidence, 0 if pool is None else len(pool)

    before = await sizes()
    await accept(services, function)
    after = await sizes()
    row = await Sample.filter(annotation_source=AnnotationSource.ACCEPTED).first()
    assert row is not None
    await annotations.annotate(services, [(row.id, LabelChoice(id=row.label_id), ())])

    assert before == after == (2 * EACH, WAITING)
    assert await sizes() == (2 * EACH + 1, WAITING - 1)


async def test_undo_takes_back_what_no_person_has_annotated_since(
    services: Services, function: Function
) -> None:
    rows = await waiting(function)
    first = await accept(services, function, confidence_of(rows[9]))
    second = await accept(services, function, at=first.at + timedelta(milliseconds=1))
    confirmed, changed = rows[0], rows[1]
    other = "1" if changed.predicted_id == (await build.label(function, "0")).id else "0"
    same = LabelChoice(id=confirmed.predicted_id)
    choices = [(confirmed.id, same, ()), (changed.id, LabelChoice(name=other), ())]
    await annotations.annotate(services, choices)

    undone = await acceptance.undo(services, function.id, first.at)

    assert (undone.count, undone.more) == (first.count - 2, False)
    assert len(await accepted(function)) == second.count == WAITING - first.count
    assert {row.id for row in await waiting(function)} == {row.id for row in rows[2 : first.count]}
    for row in (confirmed, changed):
        await row.refresh_from_db()
        assert row.annotation_source == AnnotationSource.PERSON
    assert changed.label_id == (await build.label(function, other)).id
    for row in rows[2 : first.count]:
        await row.refresh_from_db()
        assert [row.annotation_source, row.annotated_at] == [None, None]


async def test_an_acceptance_that_stops_halfway_can_be_continued_and_undone(
    services: Services, function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceptance, "BATCH", 8)
    rows = await waiting(function)

    first = await accept(services, function)

    assert (first.count, first.more) == (8, True)
    assert await accepted(function) == {row.id for row in rows[:8]}
    second = await accept(services, function, at=first.at)
    third = await accept(services, function, at=first.at)
    assert [(one.count, one.more, one.at) for one in (second, third)] == [
        (8, True, first.at),
        (4, False, first.at),
    ]
    undone = [await acceptance.undo(services, function.id, first.at) for _ in range(3)]
    assert [(one.count, one.more) for one in undone] == [(8, True), (8, True), (4, False)]
    assert [row.id for row in await waiting(function)] == [row.id for row in rows]


@pytest.mark.parametrize("undoes", [False, True])
async def test_a_call_that_is_killed_leaves_all_of_its_samples_as_they_were(
    services: Services, function: Function, monkeypatch: pytest.MonkeyPatch, undoes: bool
) -> None:
    done = await accept(services, function) if undoes else None
    before = await Sample.all().order_by("id").values()

    async def killed(groups: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(grouping, "recount", killed)
    if done is None:
        work = accept(services, function)
    else:
        work = acceptance.undo(services, function.id, done.at)
    with pytest.raises(RuntimeError):
        await work

    assert await Sample.all().order_by("id").values() == before


async def test_what_does_not_fit_is_refused_and_changes_nothing(
    services: Services, function: Function
) -> None:
    model = await build.active_model(function)
    now = datetime.now(UTC)

    with pytest.raises(ConflictError):
        await acceptance.accept(services, function.id, model.version + 1, 0.5, ALL)
    with pytest.raises(NotFoundError):
        await acceptance.accept(services, model.id, model.version, 0.5, ALL)
    with pytest.raises(NotFoundError):
        await acceptance.undo(services, model.id, now)
    for least in (-0.01, 1.01):
        with pytest.raises(InvalidError):
            await accept(services, function, least)
        with pytest.raises(InvalidError):
            await acceptance.preview(services, function, least, ALL)
    for at in (now - timedelta(days=2), now + timedelta(hours=1)):
        with pytest.raises(InvalidError):
            await accept(services, function, at=at)

    assert await accepted(function) == set()


async def test_without_a_model_nothing_can_be_accepted(services: Services) -> None:
    function = await build.function(services)
    await build.add_digits(services, function, 1, annotated=False)

    assert await acceptance.preview(services, function, 0.0, ALL) == acceptance.Acceptable()
    with pytest.raises(ConflictError):
        await acceptance.accept(services, function.id, 1, 0.0, ALL)


async def test_a_quiz_asks_for_accepted_samples_too_and_clears_those_that_are_wrong(
    services: Services, function: Function
) -> None:
    asked = await quiz.questions(function, WAITING)
    await accept(services, function)
    assert [row.id for row in await quiz.questions(function, WAITING)] == [row.id for row in asked]
    right, wrong = asked[:2]
    assert right.predicted_id is not None
    assert wrong.predicted_id is not None

    graded = await quiz.grade(
        services,
        [
            quiz.Graded(right.id, right.predicted_id, True, None, ()),
            quiz.Graded(wrong.id, wrong.predicted_id, False, None, ()),
        ],
    )

    assert [(row.label_id, row.annotation_source) for row in graded] == [
        (right.predicted_id, AnnotationSource.PERSON),
        (None, None),
    ]
    assert len(await accepted(function)) == WAITING - 2
    with pytest.raises(ConflictError):
        await quiz.grade(services, [quiz.Graded(right.id, right.predicted_id, True, None, ())])
