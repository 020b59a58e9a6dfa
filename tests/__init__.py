"""Tests of everything; this module is imported before any library that computes."""

import os

# As `pigeonhole serve` and `work` do: threads of torch that spin while they wait take cores from
# other test processes, and three times the processor time on two cores.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
