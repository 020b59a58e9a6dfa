"""How far estimates of what the next labels are worth are off from what then comes.

    python -m benchmarks.next_labels FILE.npz FOLDER ... [--draws 30]

Files and folders are those of ``benchmarks.heads``. A classifier learns from a random draw, ten
samples of each of the two labels that `outlook` names are added, and another learns from these too.
The gain is that of accuracy on a third of the photos, which neither has seen. Prints a JSON line
for each set and number of samples, in points.
"""

import argparse
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.heads_photos import Embedded, embed_folder, read_file
from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.arrays import Ints
from pigeonhole.classifier.neighbours import groups_of
from pigeonhole.classifier.outlook import outlook

SIZES = (60, 120, 200, 300)
MORE = 20


def main() -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", type=Path, help="npz files or folders of photos")
    parser.add_argument("--draws", type=int, default=30)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # scikit-learn's about labels with few samples
    for path in arguments.sets:
        data = embed_folder(path) if path.is_dir() else read_file(path)
        for size in SIZES:
            pairs = np.array(list(draws(data, size, arguments.draws))).reshape(-1, 2)
            line: dict[str, Any] = {"set": data.name, "samples": size, "draws": len(pairs)}
            if len(pairs):
                expected, came = 100 * pairs.T
                line |= {
                    "expected": round(float(expected.mean()), 2),
                    "came": round(float(came.mean()), 2),
                    "mean absolute error": round(float(abs(expected - came).mean()), 2),
                }
            print(json.dumps(line), flush=True)


def draws(data: Embedded, size: int, count: int) -> Iterator[tuple[float, float]]:
    """Yield the expected and the true gain of each draw that leaves enough samples to add."""
    for draw in range(count):
        order = np.random.default_rng((size, draw)).permutation(len(data.rows))
        third = len(order) // 3
        test, drawn, rest = order[:third], order[third : third + size], order[third + size :]
        before = fit(data, drawn)
        right = before.cv_proba_.argmax(axis=1) == data.codes[drawn]
        graded, codes, k = before.cv_measured_, data.codes[drawn], len(data.labels)
        found = outlook(
            np.bincount(codes, minlength=k),
            np.bincount(codes[graded], minlength=k),
            np.bincount(codes[graded & right], minlength=k),
            MORE,
        )
        if found is None:
            continue
        more = [rest[data.codes[rest] == label][: MORE // 2] for label in found.labels]
        added = np.concatenate(more)
        if len(added) < MORE:
            continue
        after = fit(data, np.concatenate([drawn, added]))
        yield found.gain, accuracy(data, after, test) - accuracy(data, before, test)


def fit(data: Embedded, train: Ints) -> FewShotClassifier:
    """Train on the rows ``train`` with names, as the worker does."""
    named = {} if data.prototypes is None else dict(enumerate(data.prototypes))
    rows = data.rows[train]
    groups = groups_of(rows)
    return FewShotClassifier().fit(rows, data.codes[train], groups=groups, prototypes=named)


def accuracy(data: Embedded, classifier: FewShotClassifier, test: Ints) -> float:
    """Return the share of right predictions of the rows ``test``."""
    return float((classifier.predict(data.rows[test]) == data.codes[test]).mean())


if __name__ == "__main__":
    main()
