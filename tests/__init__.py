"""Tests of everything; this module is imported before any library that computes."""

import os

# As `pigeonhole serve` and `work` do: threads of torch that wait for one another in a spin take the
# cores of the other test processes, three times the processor time on two cores.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
