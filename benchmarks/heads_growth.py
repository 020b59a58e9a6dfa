"""A chart of the time to fit with cross-validation, by the number of samples."""

import json
import resource
import time
from pathlib import Path

import numpy as np

from pigeonhole.classifier import FewShotClassifier

DIMENSIONS = 512
SIZES = ((50, 5), (200, 10), (1_000, 20), (3_000, 50), (10_000, 100), (30_000, 300))
LARGEST = (100_000, 1_000)
BARS = {50: 0.02, 1_000: 0.2, 10_000: 2.0, 100_000: 30.0}
WIDTH, HEIGHT, MARGIN = 640, 360, 60


def measure(samples: int, labels: int) -> tuple[float, float]:
    """Return wall-clock and processor seconds of the fastest fit on synthetic embeddings."""
    rng = np.random.default_rng(0)
    means = rng.standard_normal((labels, DIMENSIONS), dtype=np.float32)
    y = np.arange(samples) % labels
    rows = 0.15 * means[y] + rng.standard_normal((samples, DIMENSIONS), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    best = (np.inf, np.inf)
    for _ in range(5 if samples <= 1_000 else 1):
        wall, used = time.perf_counter(), time.process_time()
        FewShotClassifier().fit(rows, y)
        best = min(best, (time.perf_counter() - wall, time.process_time() - used))
    return best


def draw_growth(path: Path) -> None:
    """Measure every size, print a JSON line each, and draw seconds over samples as SVG."""
    measure(50, 5)
    points = []
    for samples, labels in (*SIZES, LARGEST):
        wall, used = measure(samples, labels)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        points.append((samples, labels, used))
        line = {"samples": samples, "labels": labels, "wall_s": round(wall, 4)}
        print(json.dumps(line | {"cpu_s": round(used, 4), "peak_gb": round(peak, 2)}), flush=True)
    path.write_text(svg(points))


def svg(points: list[tuple[int, int, float]]) -> str:
    """Return a log-log chart of ``(samples, labels, seconds)``, with the limits as red bars."""

    def at(samples: float, seconds: float) -> tuple[float, float]:
        x = MARGIN + (np.log10(samples) - 1.5) / 3.7 * (WIDTH - 2 * MARGIN)
        y = HEIGHT - MARGIN - (np.log10(seconds) + 2.5) / 4.2 * (HEIGHT - 2 * MARGIN)
        return round(float(x), 1), round(float(y), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for seconds in (0.01, 0.1, 1, 10):
        x, y = at(10**1.5, seconds)
        end = WIDTH - MARGIN
        parts.append(f'<path d="M{x} {y}H{end}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 8}" y="{y + 4}" text-anchor="end">{seconds:g} s</text>')
    for samples, seconds in BARS.items():
        x, y = at(samples, seconds)
        parts.append(f'<path d="M{x - 14} {y}h28" stroke="#c33" stroke-width="2"/>')
    line = " ".join(f"{x},{y}" for x, y in (at(n, seconds) for n, _, seconds in points))
    parts.append(f'<polyline points="{line}" fill="none" stroke="#246" stroke-width="2"/>')
    for samples, labels, seconds in points:
        x, y = at(samples, seconds)
        parts.append(f'<circle cx="{x}" cy="{y}" r="3.5" fill="#246"/>')
        parts.append(
            f'<text x="{x}" y="{HEIGHT - MARGIN + 18}" text-anchor="middle">{samples:,}</text>'
            f'<text x="{x}" y="{HEIGHT - MARGIN + 33}" text-anchor="middle" fill="#888">'
            f"{labels:,}</text>"
        )
    parts.append(
        f'<text x="{WIDTH / 2}" y="24" text-anchor="middle">Fit with cross-validation, '
        f"{DIMENSIONS} dimensions, processor seconds of one thread; red: not to be passed</text>"
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">samples, and below '
        "labels</text></svg>"
    )
    return "\n".join(parts) + "\n"
