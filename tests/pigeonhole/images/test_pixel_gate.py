"""The limit on pixels that are decoded at the same time."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO

import pytest
from PIL import Image

from pigeonhole import images
from pigeonhole.errors import UnreadableImageError
from pigeonhole.images import PixelGate
from tests.pigeonhole.images.drawn import LIMITS


class Noted(PixelGate):
    """A gate that records the requests."""

    def __init__(self) -> None:
        super().__init__(10**9)
        self.asked: list[int] = []

    @contextmanager
    def hold(self, pixels: int) -> Iterator[None]:
        self.asked.append(pixels)
        with super().hold(pixels):
            yield
            assert self.held >= pixels


def decoded(image: Image.Image, format: str, **options: object) -> list[int]:
    """Return the pixels that decoding a picture for a small encoder requests of the gate."""
    file, gate = BytesIO(), Noted()
    image.save(file, format, **options)
    with images.decoded(file.getvalue(), **LIMITS, at_least=224, gate=gate):
        assert gate.held == gate.asked[-1]  # until the picture has been used
    assert gate.held == 0
    return gate.asked


def test_a_picture_counts_with_the_pixels_that_are_decoded() -> None:
    image = Image.new("RGB", (4_000, 2_000))

    assert decoded(image, "PNG") == [8_000_000]
    assert decoded(image, "JPEG") == [1_000 * 500]  # decoded at a quarter of its size
    assert decoded(image, "JPEG", progressive=True) == [8_000_000]  # decoded at full size


def test_pixels_are_released_if_a_picture_is_damaged() -> None:
    file, gate = BytesIO(), Noted()
    Image.effect_noise((500, 500), 50).save(file, "PNG")

    with (
        pytest.raises(UnreadableImageError),
        images.decoded(file.getvalue()[:-5_000], **LIMITS, gate=gate),
    ):
        pass

    assert (gate.asked, gate.held) == ([250_000], 0)


class Crowd:
    """Threads that hold pixels of one gate until a test releases them."""

    def __init__(self, most: int, threads: ThreadPoolExecutor) -> None:
        self.gate = PixelGate(most)
        self._threads = threads

    def come(self, pixels: int) -> tuple[threading.Event, threading.Event, "Future[None]"]:
        """Return events: pixels are held, release them, and the thread has ended."""
        inside, leave = threading.Event(), threading.Event()

        def hold() -> None:
            with self.gate.hold(pixels):
                inside.set()
                assert leave.wait(60)

        return inside, leave, self._threads.submit(hold)


def test_pixels_held_together_stay_within_the_limit_and_a_larger_picture_is_decoded_alone() -> None:
    with ThreadPoolExecutor(4) as threads:
        crowd = Crowd(100, threads)
        first, leave_first, end_first = crowd.come(60)
        assert first.wait(60)
        second, leave_second, end_second = crowd.come(40)
        assert second.wait(60)
        assert crowd.gate.held == 100

        large, leave_large, end_large = crowd.come(500)
        leave_first.set()
        end_first.result(60)
        assert not large.is_set()
        assert crowd.gate.held == 40
        leave_second.set()
        assert large.wait(60)
        assert crowd.gate.held == 500

        leave_large.set()
        end_second.result(60)
        end_large.result(60)
        assert crowd.gate.held == 0
