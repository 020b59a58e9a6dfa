"""Lanes: threads that run a model on several images in parallel, each on one core.

Threads that share the operations of one image wait for one another hundreds of times. On two cores,
sharing an image gains a fifth, while two images in parallel nearly double the rate. OpenMP also
creates a team of threads for every thread that calls it, and all of them sleep at each wait if they
outnumber the cores. So models run on separate threads without a team.
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

_CORES = torch.get_num_threads()  # OMP_NUM_THREADS, or the cores; lanes change it for their threads


class Lanes:
    """Threads for the passes of one model.

    Attributes:
        count: The number of passes that run in parallel.
        at_once: The number of images in a pass.
    """

    def __init__(self, device: torch.device, *, at_once: int, shares: bool = False) -> None:
        """Create a thread for each core, or one for a GPU.

        Args:
            device: The device of the model.
            at_once: The number of images in a pass on a CPU.
            shares: Whether a single image is faster on all cores than on one.
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
        """Yield the number of other calls in progress."""
        with self._lock:
            others = self._running
            self._running += 1
        try:
            yield others
        finally:
            with self._lock:
                self._running -= 1
