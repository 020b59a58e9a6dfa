"""Lanes: each caller gets its own rows in order, on one core or many."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from pigeonhole.encoders import lanes
from pigeonhole.encoders.lanes import Floats, Lanes

CPU = torch.device("cpu")


def pictures(count: int, first: int = 0) -> Floats:
    """Return pictures of 2 x 2 pixels, each filled with its number."""
    numbers = np.arange(first, first + count, dtype=np.float32)
    return np.broadcast_to(numbers[:, None, None, None], (count, 3, 2, 2))


def numbers(pixels: Floats) -> Floats:
    rows: Floats = pixels[:, :1, 0, 0]
    return rows


@pytest.fixture
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "_CORES", 4)


@pytest.mark.usefixtures("four_cores")
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 31, 32, 33])
def test_rows_come_back_in_the_order_of_their_pictures(count: int) -> None:
    found = Lanes(CPU, at_once=8).run(numbers, pictures(count))

    assert found.tolist() == [[number] for number in range(count)]


@pytest.mark.usefixtures("four_cores")
@pytest.mark.parametrize(
    ("count", "passes"), [(1, [1]), (5, [1, 2, 2]), (32, [8, 8, 8, 8]), (35, [3, 8, 8, 8, 8])]
)
def test_pictures_are_spread_over_all_lanes_in_passes_of_bounded_size(
    count: int, passes: list[int]
) -> None:
    seen: list[int] = []

    def forward(pixels: Floats) -> Floats:
        seen.append(len(pixels))
        return numbers(pixels)

    Lanes(CPU, at_once=8).run(forward, pictures(count))

    assert sorted(seen) == passes


@pytest.mark.usefixtures("four_cores")
def test_each_of_many_callers_at_once_gets_its_own_rows() -> None:
    shared = Lanes(CPU, at_once=2, shares=True)

    def call(first: int) -> list[list[float]]:
        return [row for _ in range(20) for row in shared.run(numbers, pictures(3, first)).tolist()]

    with ThreadPoolExecutor(8) as callers:
        found = list(callers.map(call, range(0, 800, 100)))

    assert found == [
        [[number] for _ in range(20) for number in range(first, first + 3)]
        for first in range(0, 800, 100)
    ]


@pytest.mark.usefixtures("four_cores")
def test_a_single_picture_gets_all_cores_only_while_no_other_call_runs() -> None:
    running, release = threading.Event(), threading.Event()
    shared = Lanes(CPU, at_once=2, shares=True)

    def threads(pixels: Floats) -> Floats:
        return np.full((len(pixels), 1), torch.get_num_threads(), np.float32)

    def slow(pixels: Floats) -> Floats:
        running.set()
        assert release.wait(60)
        return threads(pixels)

    assert shared.run(threads, pictures(1)) == 4
    with ThreadPoolExecutor(1) as other:
        held = other.submit(shared.run, slow, pictures(1))
        assert running.wait(60)
        beside = shared.run(threads, pictures(1))
        release.set()
        assert held.result() == 4
    assert beside == 1
    assert shared.run(threads, pictures(2)).tolist() == [[1], [1]]


def test_a_failing_pass_fails_its_caller_and_no_later_one() -> None:
    def broken(pixels: Floats) -> Floats:
        raise ValueError("no such picture")

    shared = Lanes(CPU, at_once=2, shares=True)
    for count in (1, 5):
        with pytest.raises(ValueError, match="no such picture"):
            shared.run(broken, pictures(count))

    assert shared.run(numbers, pictures(1)).tolist() == [[0]]


def test_a_gpu_takes_one_call_at_a_time_in_large_passes() -> None:
    made = Lanes(torch.device("cuda"), at_once=1)

    assert (made.count, made.at_once) == (1, 64)
