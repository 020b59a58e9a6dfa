"""Every benchmark in turn: ``make bench``."""

from benchmarks import embedding, latency

embedding.main()
print()
latency.main()
