"""The parts of a picture that are given to a model."""

import numpy as np
import pytest
from PIL import Image

from pigeonhole.encoders.parts import Part, cut, joined, looked_at, squares


@pytest.mark.parametrize(
    ("size", "parts"),
    [
        ((100, 100), [Part(0, 0, 1, 1)]),
        ((150, 100), [Part(1 / 6, 0, 2 / 3, 1)]),
        ((200, 100), [Part(0.25, 0, 0.5, 1)]),
        ((100, 200), [Part(0, 0.25, 1, 0.5)]),
        ((250, 100), [Part(0, 0, 0.4, 1), Part(0.3, 0, 0.4, 1), Part(0.6, 0, 0.4, 1)]),
        ((100, 400), [Part(0, quarter / 4, 1, 0.25) for quarter in range(4)]),
    ],
)
def test_a_picture_longer_than_2_to_1_is_covered_from_end_to_end(
    size: tuple[int, int], parts: list[Part]
) -> None:
    for part, expected in zip(squares(*size), parts, strict=True):
        found = (part.left, part.top, part.width, part.height)
        assert found == pytest.approx(
            (expected.left, expected.top, expected.width, expected.height)
        )


def test_a_strip_has_at_most_eight_parts_and_the_last_one_ends_where_the_strip_ends() -> None:
    parts = squares(10_000, 100)

    assert len(parts) == 8
    assert parts[0].left == 0
    assert parts[-1].left + parts[-1].width == pytest.approx(1)


def test_a_model_sees_the_middle_of_each_square_or_the_whole_picture() -> None:
    assert looked_at(200, 100, 0.5) == [Part(0.25 + 0.125, 0.25, 0.25, 0.5)]
    assert looked_at(4_000, 500, None) == [Part(0, 0, 1, 1)]


@pytest.mark.parametrize("width", [201, 333, 800, 1_999])
def test_the_squares_of_a_picture_show_every_column_of_it(width: int) -> None:
    columns = np.broadcast_to(np.arange(width), (100, width)).astype(np.int32)
    picture = Image.fromarray(columns)

    found = cut(picture, width, 100, 1.0)

    assert {part.size for part in found} == {(100, 100)}
    seen = set(np.concatenate([np.asarray(part)[0] for part in found]).tolist())
    assert seen >= ({0, width - 1} if width > 800 else set(range(width)))


def test_a_picture_within_2_to_1_is_given_to_the_model_as_it_is() -> None:
    picture = Image.new("RGB", (200, 100))

    assert cut(picture, 200, 100, 0.9) == [picture]
    assert cut(picture, 200, 100, 0.9)[0] is picture


def test_a_part_that_differs_from_the_others_counts_more() -> None:
    empty, thing = np.eye(2, dtype=np.float32)

    alike = joined(np.stack([empty] * 8))
    one = joined(np.stack([thing] + [empty] * 7))

    assert alike == pytest.approx(empty)
    assert float(one @ empty) < 0.7
    assert joined(thing[None]) == pytest.approx(thing)
    assert float(np.linalg.norm(one)) == pytest.approx(1)
