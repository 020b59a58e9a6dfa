"""Networks compiled by OpenVINO, which is faster than torch on CPUs."""

import math
import os
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pigeonhole.encoders.quiet_openvino import openvino

Floats = NDArray[np.float32]

SIBLINGS = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"


class Compiled:
    """A network from pixels ``(n, 3, side, side)`` to features ``(n, dimension)``.

    A single image uses all cores. The images of a batch are computed in parallel, on one core each,
    which is as fast on an idle machine and faster on a busy one. The copy of the network for that
    is made at the first batch.
    """

    at_once = 32  # images per batch; more are not faster

    def __init__(self, model: openvino.Model | Path, precision: str, *, piece: int) -> None:
        """Compile a network, or that of a file, for the processor of this machine.

        Args:
            model: The network, for any number of images up to ``piece``.
            precision: ``float32`` or ``bfloat16``.
            piece: Images that a core computes at once.
        """
        self.precision, self._piece, self._cores = precision, piece, cores()
        if isinstance(model, Path):
            model = openvino.Core().read_model(model)  # a file that is mapped can be deleted
        self._compile = partial(_compiled, model, precision)
        self._alone = self._compile(streams=1).create_infer_request()
        self._alone_lock, self._queue_lock = Lock(), Lock()

    def run(self, pixels: Floats) -> Floats:
        """Return the features ``(n, dimension)`` of ``pixels`` (n, 3, side, side), n at least 1."""
        if len(pixels) == 1:
            with self._alone_lock:
                self._alone.infer([pixels])
                return np.array(self._alone.get_output_tensor().data)
        step = min(self._piece, math.ceil(len(pixels) / self._cores))
        starts = range(0, len(pixels), step)
        rows: list[Floats] = [np.empty((0, 0), np.float32)] * len(starts)
        with self._queue_lock:
            for place, start in enumerate(starts):
                self._queue.start_async([pixels[start : start + step]], (rows, place))
            self._queue.wait_all()
        return np.concatenate(rows)

    @cached_property
    def _queue(self) -> Any:
        queue = openvino.AsyncInferQueue(self._compile(streams=self._cores))
        queue.set_callback(_keep)
        return queue


def has_bfloat16() -> bool:
    """Return whether the processor has instructions for bfloat16."""
    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _compiled(model: openvino.Model, precision: str, *, streams: int) -> Any:
    settings = {
        "INFERENCE_PRECISION_HINT": {"float32": "f32", "bfloat16": "bf16"}[precision],
        "INFERENCE_NUM_THREADS": cores(),
        "ENABLE_CPU_PINNING": False,  # another process may be pinned to the same cores
        "NUM_STREAMS": streams,
    }
    return openvino.Core().compile_model(model, "CPU", settings)


def cores() -> int:
    """Return OMP_NUM_THREADS, which torch follows too, or the number of cores of this process.

    The threads of one core share its units, so that a second one gains nothing.
    """
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    usable = os.sched_getaffinity(0)
    try:
        return len({Path(SIBLINGS.format(cpu)).read_text() for cpu in usable})
    except OSError:
        return len(usable)


def _keep(request: Any, given: tuple[list[Floats], int]) -> None:
    rows, place = given
    rows[place] = np.array(request.get_output_tensor().data)
