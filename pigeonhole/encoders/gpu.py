"""Whether this machine has a GPU, which is asked without torch where there is no driver."""

from pathlib import Path

from pigeonhole.encoders.imports import ONE_AT_A_TIME

DRIVERS = ("nvidiactl", "nvhost-gpu", "dxg", "kfd")
"""Files in /dev of the drivers that torch can use; there is OpenVINO only where these are told."""


def has_gpu() -> bool:
    """Return whether torch can use a GPU; torch is only imported where there is a driver."""
    if not any(Path("/dev", name).exists() for name in DRIVERS):
        return False
    with ONE_AT_A_TIME:
        import torch

    return torch.cuda.is_available()
