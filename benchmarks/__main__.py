"""Runs every benchmark in turn: ``make bench``."""

from benchmarks import embedding, latency, page, requests, rude

embedding.main()
print()
latency.main()
print()
requests.main()
print()
rude.main()
print()
page.main()
