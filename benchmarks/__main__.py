"""Every benchmark in turn: ``make bench``."""

from benchmarks import embedding, latency, page, requests

embedding.main()
print()
latency.main()
print()
requests.main()
print()
page.main()
