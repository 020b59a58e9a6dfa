"""OpenVINO without its telemetry; nothing else imports ``openvino``.

`import openvino` tells Google Analytics of the import, from a forked process, to which it sends
SIGTERM after three seconds without an answer. A forked process shares the socket by which an event
loop hears of signals, so the signal stops this process too. Without the package of the telemetry,
OpenVINO has none.
"""

import sys

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment] # as if it is not installed

import openvino  # noqa: E402 - after the line above, which it must find done
from openvino import opset13 as operators  # noqa: E402 - as above

__all__ = ["openvino", "operators"]
