import numpy as np
import pytest

from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.plane import Plane
from tests.pigeonhole.classifier.test_evidence import in_rooms


def test_a_map_in_the_space_of_a_model_keeps_labels_apart_that_differ_less_than_their_rooms() -> (
    None
):
    rows, codes = in_rooms(20)
    new, truth = in_rooms(10, seed=1)
    geometry = FewShotClassifier().fit(rows, codes).geometry()

    def nearest_middle(plane: Plane) -> float:
        """Return the share of new places that are nearest to the middle of their own label."""
        places = plane.places(rows)
        middles = np.stack([places[codes == label].mean(axis=0) for label in range(3)])
        far = ((plane.places(new)[:, None] - middles) ** 2).sum(axis=2)
        return float((far.argmin(axis=1) == truth).mean())

    assert nearest_middle(Plane.of(rows, geometry)) > 0.95
    assert nearest_middle(Plane.of(rows, None)) < 0.7


def test_places_are_within_one_of_the_middle_and_the_same_for_each_fit() -> None:
    rows, _ = in_rooms(20)

    places = Plane.of(rows, None).places(rows)

    assert np.sqrt((places**2).sum(axis=1)).max() == pytest.approx(1, abs=1e-5)
    assert np.abs(places.mean(axis=0)).max() < 1e-5
    assert np.array_equal(places, Plane.of(rows, None).places(rows))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_samples_than_a_plane_needs_are_placed_all_the_same(count: int) -> None:
    rows, _ = in_rooms(1)

    places = Plane.of(rows[:count], None).places(rows[:count])

    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    assert not places[:, 1].any()
