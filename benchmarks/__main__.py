"""Every benchmark in turn: ``make bench``."""

from benchmarks import embedding, latency, page

embedding.main()
print()
latency.main()
print()
page.main()
