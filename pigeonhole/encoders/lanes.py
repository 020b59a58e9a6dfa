"""Where models compute: pictures side by side, each on one core.

The threads that share one picture's operations wait for one another hundreds of times: two of them
gain a fifth on one picture, and two pictures side by side nearly double the rate. OpenMP makes
such a team anew for every thread that calls it, and puts all to sleep at each wait once they are
more than the cores. So models compute on threads of their own, which have no team.
"""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_CORES = torch.get_num_threads()  # as OMP_NUM_THREADS says; lanes change it for their threads


class Lanes:
    """Threads for one model's passes.

    Attributes:
        count: Passes that run side by side.
        at_once: Pictures a pass.
    """

    def __init__(self, device: torch.device, *, at_once: int, shares: bool = False) -> None:
        """Take a thread for each core, or one for a GPU.

        Args:
            device: Where the model is.
            at_once: Pictures a pass on a processor, from which more are no faster each.
            shares: Whether a picture that is alone is faster on all cores together.
        """
        on_cpu = device.type == "cpu"
        self.count, self.at_once = (_CORES, at_once) if on_cpu else (1, 64)
        self._running, self._lock = 0, Lock()
        self._each = ThreadPoolExecutor(
            self.count, "encoder", initializer=torch.set_num_threads, initargs=(1,)
        )
        self._all = ThreadPoolExecutor(
            1, "encoder", initializer=torch.set_num_threads, initargs=(_CORES,)
        )
        self._shares = shares and on_cpu and self.count > 1

    def run(self, forward: Callable[[Floats], Floats], pixels: Floats) -> Floats:
        """Return the rows of ``forward`` for ``pixels`` (n, 3, h, w), n at least 1, in order."""
        step = min(self.at_once, math.ceil(len(pixels) / self.count))
        parts = [pixels[start : start + step] for start in range(0, len(pixels), step)]
        with self._counted() as others:
            alone = self._shares and len(pixels) == 1 and not others
            pool = self._all if alone else self._each
            return np.concatenate(list(pool.map(forward, parts)))

    @contextmanager
    def _counted(self) -> Iterator[int]:
        """Give how many other calls are running."""
        with self._lock:
            others = self._running
            self._running += 1
        try:
            yield others
        finally:
            with self._lock:
                self._running -= 1
