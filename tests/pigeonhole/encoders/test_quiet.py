"""What the packaged encoder's libraries do besides computing: nothing that leaves this process."""

import os
import subprocess
import sys
from pathlib import Path

from tests.pigeonhole.running import WITHIN_S

USE = """
import sys
seen = set()
def note(event, arguments):
    if event in ("os.fork", "os.forkpty", "socket.connect", "socket.getaddrinfo"):
        seen.add(event)
sys.addaudithook(note)
import numpy as np
from pigeonhole.encoders.bundled import BundledEncoder
encoder = BundledEncoder()
encoder.embed(np.zeros((1, 3, 260, 260), np.float32))
encoder.embed_texts(["a bowl of soup"])
print(sorted(seen))
"""


def test_the_bundled_encoder_forks_no_process_and_connects_to_nothing(tmp_path: Path) -> None:
    # CI turns off what libraries tell their makers; users have no CI.
    environment = {name: value for name, value in os.environ.items() if name != "CI"}

    done = subprocess.run(
        [sys.executable, "-c", USE],
        env=environment | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=True,
    )

    assert done.stdout.strip() == "[]"
    assert not (tmp_path / "intel").exists()
