"""Rate limits that restore hardly any points during a test."""

from pigeonhole.settings import Settings

SLOWLY = Settings(rate_points=10, rate_points_per_s=0.001, rate_invokes=3, rate_invokes_per_s=0.001)

AHEAD = Settings(rate_points=1_000, rate_points_per_s=0.001)  # ten points are prefetched
