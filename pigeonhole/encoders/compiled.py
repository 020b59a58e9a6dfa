"""The bundled network compiled by OpenVINO, which is faster than torch on CPUs."""

import os
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pigeonhole.encoders.quiet_openvino import openvino

Floats = NDArray[np.float32]

SIBLINGS = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"


class Compiled:
    """A network from pixels ``(1, 3, side, side)`` to features ``(1, dimension)``, in float32.

    A single image uses all cores. The images of a batch are computed in parallel, one per core.
    """

    at_once = 32  # images per batch; more are not faster

    def __init__(self, model: openvino.Model) -> None:
        """Compile a network for the processor of this machine."""
        core, threads = openvino.Core(), cores()
        settings = {
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads,
            "ENABLE_CPU_PINNING": False,  # another process may be pinned to the same cores
        }
        alone = core.compile_model(model, "CPU", {**settings, "NUM_STREAMS": 1})
        beside = core.compile_model(model, "CPU", {**settings, "NUM_STREAMS": threads})
        self._alone, self._queue = alone.create_infer_request(), openvino.AsyncInferQueue(beside)
        self._alone_lock, self._queue_lock = Lock(), Lock()
        self._queue.set_callback(_keep)

    def run(self, pixels: Floats) -> Floats:
        """Return the features ``(n, dimension)`` of ``pixels`` (n, 3, side, side), n at least 1."""
        if len(pixels) == 1:
            with self._alone_lock:
                self._alone.infer([pixels])
                return np.array(self._alone.get_output_tensor().data)
        rows: list[Floats] = [np.empty(0, np.float32)] * len(pixels)
        with self._queue_lock:
            for place in range(len(pixels)):
                self._queue.start_async([pixels[place : place + 1]], (rows, place))
            self._queue.wait_all()
        return np.stack(rows)


def model_of(graph: NDArray[np.uint8], weights: NDArray[np.uint8]) -> openvino.Model:
    """Return the network of OpenVINO's two files: ``.xml`` and ``.bin``."""
    return openvino.Core().read_model(graph.tobytes(), openvino.Tensor(weights))


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
    rows[place] = np.array(request.get_output_tensor().data[0])
