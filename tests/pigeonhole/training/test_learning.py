"""Training on vectors and annotations, and the metrics of the model."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import numpy as np
import pytest

from pigeonhole.services.held_out import ARRAYS, HeldOut, pack_held_out, unpack_held_out
from pigeonhole.training.learning import Example, Learned, is_worse, learn

CAT, DOG = UUID(int=1), UUID(int=2)
DIM = 16


def vectors(examples: Sequence[Example], *, spread: float = 0.2) -> dict[str, np.ndarray]:
    """Return a vector for each example: the axis of its label, with noise."""
    random, found = np.random.default_rng(0), {}
    for example in examples:
        axis = np.eye(DIM)[1 if example.label == DOG else 0]
        vector = axis + spread * random.standard_normal(DIM)
        found[example.sha256] = (vector / np.linalg.norm(vector)).astype(np.float16)
    return found


def examples(*labels: UUID) -> list[Example]:
    return [Example(uuid4(), f"{place:064x}", label) for place, label in enumerate(labels)]


def prototypes() -> dict[UUID, np.ndarray]:
    return {CAT: np.eye(DIM, dtype=np.float32)[2], DOG: np.eye(DIM, dtype=np.float32)[3]}


def learned(given: Sequence[Example]) -> Learned:
    return learn(given, vectors(given), prototypes(), 0.97, lambda stage, fraction: None)


def test_from_names_alone_there_are_no_metrics() -> None:
    found = learned([])

    assert found.metrics["classes"] == [str(CAT), str(DOG)]
    assert found.metrics["accuracy"] is None
    assert found.metrics["confusion"] == [[0, 0], [0, 0]]
    assert len(found.held_out.samples) == 0


def test_all_held_out_samples_of_two_clear_labels_are_predicted_right() -> None:
    given = examples(*[CAT, DOG] * 10)

    found = learned(given)

    accuracy = found.metrics["accuracy"]
    assert (accuracy["value"], accuracy["upper"]) == (1.0, 1.0)
    assert 0.5 < accuracy["lower"] < 1
    assert found.metrics["confusion"] == [[10, 0], [0, 10]]
    assert [label["support"] for label in found.metrics["labels"]] == [10, 10]
    said = [found.held_out.most_likely(example.id, frozenset({CAT, DOG})) for example in given]
    assert [label for label, _ in filter(None, said)] == [example.label for example in given]
    assert list(found.held_out.samples) == [example.id for example in given]


def test_equal_input_gives_equal_output() -> None:
    given = examples(*[CAT, DOG] * 5)

    one, other = learned(given), learned(given)

    assert (one.head, one.metrics) == (other.head, other.metrics)
    assert pack_held_out(one.held_out) == pack_held_out(other.held_out)


def test_stored_groups_give_the_same_result_as_computed_groups() -> None:
    given = examples(*[CAT, DOG] * 5)
    given += [replace(example, id=uuid4(), sha256=f"{example.sha256}b") for example in given[:4]]
    known = vectors(given[:10])
    known |= {f"{example.sha256}b": known[example.sha256] for example in given[:4]}
    groups = [uuid4() for _ in range(4)]
    told = [
        replace(example, group=groups[place % 10] if place % 10 < 4 else None)
        for place, example in enumerate(given)
    ]

    found = learn(given, known, prototypes(), 0.97, lambda stage, fraction: None)
    taken = learn(told, known, prototypes(), 0.97, lambda stage, fraction: None, grouped=True)

    assert found.held_out.sizes.tolist() == [2] * 4 + [1] * 6 + [2] * 4
    assert (taken.head, taken.metrics) == (found.head, found.metrics)
    assert pack_held_out(taken.held_out) == pack_held_out(found.held_out)


def test_a_wrong_annotation_has_the_highest_mistake_score() -> None:
    given = examples(*[CAT, DOG] * 10)
    known = vectors(given)
    given[0] = Example(given[0].id, given[0].sha256, DOG)

    found = learn(given, known, prototypes(), 0.97, lambda stage, fraction: None)

    scores = {
        example.id: found.held_out.mistake_score(example.id, example.label) for example in given
    }
    assert max(scores, key=lambda id: scores[id] or 0) == given[0].id
    assert found.metrics["confusion"] == [[9, 0], [1, 10]]


def test_an_example_without_a_vector_is_left_out() -> None:
    given = examples(*[CAT, DOG] * 3)
    known = vectors(given)
    del known[given[0].sha256]

    found = learn(given, known, prototypes(), 0.97, lambda stage, fraction: None)

    assert given[0].id not in found.held_out.samples
    assert [label["support"] for label in found.metrics["labels"]] == [2, 3]


def test_progress_is_reported_in_stages_that_a_run_can_show() -> None:
    told: list[tuple[str, float]] = []
    given = examples(*[CAT, DOG] * 5)

    learn(given, vectors(given), prototypes(), 0.97, lambda stage, done: told.append((stage, done)))

    assert list(dict.fromkeys(stage for stage, _ in told)) == [
        "selecting",
        "cross_validating",
        "fitting",
    ]
    assert all(0 <= done <= 1 for _, done in told)


@pytest.mark.parametrize("count", [0, 7])
def test_held_out_predictions_are_read_back_as_they_were_written(count: int) -> None:
    held_out = learned(examples(*[CAT, DOG] * count)).held_out

    again = unpack_held_out(pack_held_out(held_out))

    assert (again.samples, again.labels) == (held_out.samples, held_out.labels)
    for name in ARRAYS:
        one, other = getattr(again, name), getattr(held_out, name)
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


def graded(ids: Sequence[UUID], truth: Sequence[int], top: Sequence[int]) -> HeldOut:
    """Return held-out predictions of two labels."""
    n = len(ids)
    return HeldOut(
        samples={id: row for row, id in enumerate(ids)},
        labels=(CAT, DOG),
        truth=np.array(truth, np.int32),
        top=np.array([[best, 1 - best] for best in top], np.int32),
        confidence=np.full((n, 2), 0.5, np.float32),
        graded=np.ones(n, bool),
        sizes=np.ones(n, np.int32),
        strangeness=np.ones(n, np.float32),
        mistake=np.zeros(n, np.float32),
    )


def test_a_model_is_worse_if_chance_does_not_explain_the_loss() -> None:
    ids = [uuid4() for _ in range(6)]
    right = graded(ids, [0] * 6, [0] * 6)
    four, five = (graded(ids, [0] * 6, [1] * wrong + [0] * (6 - wrong)) for wrong in (4, 5))

    assert not is_worse(right, four).worse
    assert is_worse(right, five).worse
    assert (is_worse(right, five).lost, is_worse(right, five).gained) == (5, 0)
    assert not is_worse(five, right).worse


def test_samples_with_changed_annotations_or_held_out_from_only_one_model_do_not_count() -> None:
    ids = [uuid4() for _ in range(7)]
    old = graded(ids, [0] * 6 + [1], [0] * 6 + [1])
    annotated_anew = graded(ids, [1] * 7, [0] * 6 + [1])
    others = graded([uuid4() for _ in range(7)], [0] * 6 + [1], [1] * 7)

    for new in (annotated_anew, others):
        comparison = is_worse(old, new)
        assert (comparison.lost, comparison.gained, comparison.worse) == (0, 0, False)


def test_a_model_with_one_more_label_is_not_compared_on_the_easier_task() -> None:
    ids = [uuid4() for _ in range(6)]
    cats_alone = graded(ids, [0] * 6, [0] * 6)
    dogs_too = graded([*ids, uuid4()], [0] * 6 + [1], [1] * 7)

    assert not is_worse(cats_alone, dogs_too).worse
    assert is_worse(graded([*ids, uuid4()], [0] * 6 + [1], [0] * 6 + [1]), dogs_too).worse


def test_with_samples_of_one_label_no_accuracy_is_claimed_but_the_samples_are_counted() -> None:
    found = learned(examples(*[CAT] * 20))

    assert [label["support"] for label in found.metrics["labels"]] == [20, 0]
    assert [label["recall"] for label in found.metrics["labels"]] == [None, None]
    for figure in ("accuracy", "balanced_accuracy", "macro_f1", "calibration_error"):
        assert found.metrics[figure] is None
    assert found.held_out.threshold(0.05).coverage == 0


def test_the_number_of_samples_is_given_besides_the_number_of_independent_ones() -> None:
    accuracy = learned(examples(*[CAT, DOG] * 20)).metrics["accuracy"]

    assert accuracy["samples"] == 40
    assert accuracy["count"] < 40


def test_models_are_compared_on_the_labels_that_still_exist() -> None:
    both = held_out_of([CAT, DOG], top=[[1, 0], [1, 0]])  # the cat is predicted as a dog
    alone = held_out_of([CAT], top=[[0]], labels=(CAT,))

    assert both.right.tolist() == [False, True]
    assert both.right_among(frozenset({CAT})).tolist() == [True, False]
    assert is_worse(both, alone).gained == 0


def test_predictions_as_if_a_label_had_no_samples_count_towards_the_promised_error_rate() -> None:
    taught = held_out_of([CAT] * 30 + [DOG] * 30, top=[[0, 1]] * 30 + [[1, 0]] * 30)
    third = replace(
        taught,
        labels=(CAT, DOG, UUID(int=3)),
        untaught_top=np.full(60, 2, np.int32),
        untaught_confidence=np.full(60, 0.95, np.float32),
    )

    assert taught.threshold(0.05).coverage == 1
    assert third.threshold(0.05).coverage == 0
    assert third.threshold(0.36).coverage == 1


def held_out_of(
    truth: Sequence[UUID], top: Sequence[Sequence[int]], labels: tuple[UUID, ...] = (CAT, DOG)
) -> HeldOut:
    """Return held-out predictions, one per entry of ``truth``, each with confidence 0.9."""
    n = len(truth)
    return HeldOut(
        samples={UUID(int=100 + row): row for row in range(n)},
        labels=labels,
        truth=np.array([labels.index(label) for label in truth], np.int32),
        top=np.array(top, np.int32),
        confidence=np.full((n, len(top[0])), 0.9, np.float32),
        graded=np.ones(n, bool),
        sizes=np.ones(n, np.int32),
        strangeness=np.ones(n, np.float32),
        mistake=np.zeros(n, np.float32),
    )


def sure_of(true_confidences: Sequence[float]) -> HeldOut:
    """Return held-out predictions of two labels, with these confidences for the true one."""
    count = len(true_confidences)
    sure = np.array(true_confidences, np.float32)
    return HeldOut(
        samples={uuid4(): row for row in range(count)},
        labels=(CAT, DOG),
        truth=np.zeros(count, np.int32),
        top=np.tile(np.array([0, 1], np.int32), (count, 1)),
        confidence=np.stack([sure, 1 - sure], axis=1),
        graded=np.ones(count, bool),
        sizes=np.ones(count, np.int32),
        strangeness=np.ones(count, np.float32),
        mistake=1 - sure,
    )


def test_the_error_rate_above_a_confidence_is_that_of_the_held_out_answers_above_it() -> None:
    held_out = replace(
        sure_of([place / 100 for place in range(1, 101)]),
        top=np.array([[1, 0]] * 90 + [[0, 1]] * 10, np.int32),
    )

    sure, half = held_out.error_rate(0.9), held_out.error_rate(0.5)

    assert [sure.value, half.value] == pytest.approx([1 / 11, 41 / 51])
    assert (sure.samples, half.samples) == (11, 51)
    assert sure.count == pytest.approx(11 / (1.25 + 11 / 400))
    assert held_out.error_rate(1.01).too_early


def test_a_set_requires_the_confidence_that_the_promised_share_of_true_labels_had() -> None:
    held_out = sure_of([place / 100 for place in range(1, 100)])

    assert held_out.set_threshold(0.9) == pytest.approx(0.10)
    assert held_out.set_threshold(0.5) == pytest.approx(0.50)
    assert sure_of([0.9] * 18).set_threshold(0.95) == 0
    assert sure_of([0.9] * 19).set_threshold(0.95) == pytest.approx(0.9)


def test_a_set_counts_confidences_as_if_a_label_had_no_samples_as_much_as_the_others() -> None:
    taught = sure_of([0.9] * 99)
    untaught = replace(
        taught,
        labels=(CAT, DOG),
        untaught_mistake=np.full(99, 0.8, np.float32),
        untaught_top=np.ones(99, np.int32),
        untaught_confidence=np.full(99, 0.8, np.float32),
    )

    assert taught.set_threshold(0.9) == pytest.approx(0.9)
    assert untaught.set_threshold(0.9) == pytest.approx(0.2)
    assert unpack_held_out(pack_held_out(untaught)).set_threshold(0.9) == pytest.approx(0.2)
