"""Learning: vectors and annotations in, a model's numbers out."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import numpy as np
import pytest

from pigeonhole.learning import Example, Learned, is_worse, learn
from pigeonhole.predictions import ARRAYS, HeldOut, pack_held_out, unpack_held_out

CAT, DOG = UUID(int=1), UUID(int=2)
DIM = 16


def vectors(examples: Sequence[Example], *, spread: float = 0.2) -> dict[str, np.ndarray]:
    """Of each example: the axis of its label, with some noise of its own."""
    random, found = np.random.default_rng(0), {}
    for example in examples:
        axis = np.eye(DIM)[1 if example.label == DOG else 0]
        vector = axis + spread * random.standard_normal(DIM)
        found[example.sha256] = (vector / np.linalg.norm(vector)).astype(np.float16)
    return found


def examples(*labels: UUID | None) -> list[Example]:
    return [Example(uuid4(), f"{place:064x}", label) for place, label in enumerate(labels)]


def prototypes() -> dict[UUID, np.ndarray]:
    return {CAT: np.eye(DIM, dtype=np.float32)[2], DOG: np.eye(DIM, dtype=np.float32)[3]}


def learned(given: Sequence[Example]) -> Learned:
    return learn(given, vectors(given), prototypes(), 0.97, lambda stage, fraction: None)


def test_from_names_alone_everything_has_an_answer_and_nothing_is_measured() -> None:
    given = examples(None, None)

    found = learned(given)

    assert set(found.answers) == {example.id for example in given}
    assert found.metrics["classes"] == [str(CAT), str(DOG)]
    assert found.metrics["accuracy"] is None
    assert found.metrics["confusion"] == [[0, 0], [0, 0]]
    assert len(found.held_out.samples) == 0


def test_held_out_samples_of_two_clear_labels_are_all_right() -> None:
    given = examples(*[CAT, DOG] * 10, None)

    found = learned(given)

    accuracy = found.metrics["accuracy"]
    assert (accuracy["value"], accuracy["upper"]) == (1.0, 1.0)
    assert 0.5 < accuracy["lower"] < 1
    assert found.metrics["confusion"] == [[10, 0], [0, 10]]
    assert [label["support"] for label in found.metrics["labels"]] == [10, 10]
    assert {id: label for id, (label, _) in found.answers.items() if id != given[-1].id} == {
        example.id: example.label for example in given[:-1]
    }
    assert list(found.held_out.samples) == [example.id for example in given[:-1]]


def test_equal_input_gives_equal_output() -> None:
    given = examples(*[CAT, DOG] * 5)

    one, other = learned(given), learned(given)

    assert (one.head, one.metrics, one.answers) == (other.head, other.metrics, other.answers)


def test_a_mistake_is_the_likeliest_mistake() -> None:
    given = examples(*[CAT, DOG] * 10)
    known = vectors(given)
    given[0] = Example(given[0].id, given[0].sha256, DOG)

    found = learn(given, known, prototypes(), 0.97, lambda stage, fraction: None)

    scores = {example.id: found.held_out.mistake_score(example.id) for example in given}
    assert max(scores, key=lambda id: scores[id] or 0) == given[0].id
    assert found.metrics["confusion"] == [[9, 0], [1, 10]]


def test_an_example_without_a_vector_is_left_out() -> None:
    given = examples(*[CAT, DOG] * 3)
    known = vectors(given)
    del known[given[0].sha256]

    found = learn(given, known, prototypes(), 0.97, lambda stage, fraction: None)

    assert given[0].id not in found.answers
    assert [label["support"] for label in found.metrics["labels"]] == [2, 3]


def test_progress_is_told_in_stages_that_a_run_can_show() -> None:
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
def test_held_out_predictions_are_read_as_they_were_written(count: int) -> None:
    held_out = learned(examples(*[CAT, DOG] * count)).held_out

    again = unpack_held_out(pack_held_out(held_out))

    assert (again.samples, again.labels) == (held_out.samples, held_out.labels)
    for name in ARRAYS:
        one, other = getattr(again, name), getattr(held_out, name)
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


def graded(ids: Sequence[UUID], truth: Sequence[int], top: Sequence[int]) -> HeldOut:
    """Held-out predictions of two labels."""
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


def test_a_model_is_worse_when_chance_does_not_explain_what_it_lost() -> None:
    ids = [uuid4() for _ in range(6)]
    right = graded(ids, [0] * 6, [0] * 6)
    four, five = (graded(ids, [0] * 6, [1] * wrong + [0] * (6 - wrong)) for wrong in (4, 5))

    assert not is_worse(right, four).worse
    assert is_worse(right, five).worse
    assert (is_worse(right, five).lost, is_worse(right, five).gained) == (5, 0)
    assert not is_worse(five, right).worse


def test_samples_annotated_otherwise_since_or_held_out_from_one_do_not_count() -> None:
    ids = [uuid4() for _ in range(7)]
    old = graded(ids, [0] * 6 + [1], [0] * 6 + [1])
    annotated_anew = graded(ids, [1] * 7, [0] * 6 + [1])
    others = graded([uuid4() for _ in range(7)], [0] * 6 + [1], [1] * 7)

    for new in (annotated_anew, others):
        comparison = is_worse(old, new)
        assert (comparison.lost, comparison.gained, comparison.worse) == (0, 0, False)


def test_a_model_that_learned_one_more_label_is_not_held_to_the_easier_task() -> None:
    ids = [uuid4() for _ in range(6)]
    cats_alone = graded(ids, [0] * 6, [0] * 6)
    dogs_too = graded([*ids, uuid4()], [0] * 6 + [1], [1] * 7)

    assert not is_worse(cats_alone, dogs_too).worse
    assert is_worse(graded([*ids, uuid4()], [0] * 6 + [1], [0] * 6 + [1]), dogs_too).worse
