"""OpenVINO without its telemetry; nothing else imports ``openvino``.

`import openvino` tells Google Analytics of the import, from a forked process. That process inherits
the sockets of this one. Where the network is away it lives on when this one is killed, and then
holds the locks of an open transaction for ever. Without the package of the telemetry, OpenVINO has
none.
"""

import sys

sys.modules["openvino_telemetry"] = None  # type: ignore[assignment] # as if it is not installed

import openvino  # noqa: E402
from openvino import opset13 as operators  # noqa: E402

__all__ = ["openvino", "operators"]
