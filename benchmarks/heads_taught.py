"""Labels taught one after another: accuracy on photos of taught, untaught and all labels.

    python -m benchmarks.heads_taught FILE.npz FOLDER ... [--draws 20]

Files and folders are those of ``benchmarks.heads``; they must have prototypes. Prints one JSON line
for each set, number of labels taught, number of samples of each and head. The heads are ours, with
and without a pool, names alone, and two peers: logistic regression, which only answers taught
labels, and Tip-Adapter, which adds names and samples. All are tested on the same photos: half of
those that are never taught; the other half is the pool.

- ``taught``, ``untaught``, ``all``: accuracy in percent on photos of these labels;
- ``gain``, ``error``: mean difference of ``all`` from names alone, and its standard error;
- ``calibration``, ``calibration_untaught``: calibration error in percent on all photos and on those
  of untaught labels.

Source: Zhang et al., "Tip-Adapter: training-free adaption of CLIP for few-shot classification",
ECCV 2022, equation 6 (with its defaults alpha 1 and beta 5.5).
"""

import argparse
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from benchmarks.heads_photos import Embedded, embed_folder, read_file
from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.arrays import Bools, Floats, Ints
from pigeonhole.classifier.metrics import calibration_error
from pigeonhole.classifier.text import directions
from pigeonhole.classifier.untaught import NAMES_SCALE

TAUGHT = (1, 2, 3, 5, 8)
SAMPLES = (1, 2, 5, 10)
SHARPNESS = 5.5
FIGURES = ("taught", "untaught", "all", "calibration", "calibration_untaught")


def main() -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", type=Path, help="npz files or folders of photos")
    parser.add_argument("--draws", type=int, default=20)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # scikit-learn's about labels with few samples
    for path in arguments.sets:
        data = embed_folder(path) if path.is_dir() else read_file(path)
        for line in compare(data, arguments.draws):
            print(json.dumps({"set": data.name} | line), flush=True)


def compare(data: Embedded, draws: int) -> Iterator[dict[str, Any]]:
    """Yield the figures of each head, for each number of taught labels and samples."""
    if data.prototypes is None:
        raise ValueError(f"{data.name} has no prototypes; add an array P.")
    for taught in TAUGHT:
        for samples in SAMPLES:
            found: dict[str, list[list[float]]] = {}
            for seed in range(draws):
                for name, figures in _one_draw(data, taught, samples, seed).items():
                    found.setdefault(name, []).append(figures)
            alone = np.array(found["names alone"])[:, 2]
            for name, runs in found.items():
                gain = np.array(runs)[:, 2] - alone
                means = dict(zip(FIGURES, 100 * np.mean(runs, axis=0), strict=True))
                error = gain.std(ddof=1) / np.sqrt(draws) if draws > 1 else np.nan
                means |= {"gain": 100 * gain.mean(), "error": 100 * error}
                line = {"labels_taught": taught, "samples": samples, "head": name, "draws": draws}
                yield line | {key: round(float(value), 1) for key, value in means.items()}


def _one_draw(data: Embedded, taught: int, samples: int, seed: int) -> dict[str, list[float]]:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(len(data.labels))[:taught]
    own = [rng.permutation(np.flatnonzero(data.codes == c)) for c in range(len(data.labels))]
    train = np.sort(np.concatenate([own[label][:samples] for label in labels]))
    rest = rng.permutation(np.concatenate([rows[max(SAMPLES) :] for rows in own]))
    pool, test = rest[: len(rest) // 2], rest[len(rest) // 2 :]
    among = np.isin(np.arange(len(data.labels)), labels)
    names = dict(enumerate(np.asarray(data.prototypes)))
    rows, codes, new = data.rows[train], data.codes[train], data.rows[test]

    def ours(rows: Floats, codes: Ints, unlabelled: Floats | None = None) -> Floats:
        fitted = FewShotClassifier().fit(rows, codes, prototypes=names, unlabelled=unlabelled)
        return fitted.predict_proba(new)

    answers = {
        "pigeonhole": ours(rows, codes),
        "pigeonhole, pool": ours(rows, codes, data.rows[pool]),
        "names alone": ours(rows[:0], codes[:0]),
        "LogisticRegression": _logistic(rows, codes, new, len(among)),
        "Tip-Adapter": _tip_adapter(rows, codes, new, directions(np.asarray(data.prototypes))[0]),
    }
    return {name: _grades(proba, data.codes[test], among) for name, proba in answers.items()}


def _logistic(rows: Floats, codes: Ints, new: Floats, labels: int) -> Floats:
    proba = np.zeros((len(new), labels))
    if len(np.unique(codes)) == 1:
        proba[:, codes[0]] = 1
        return proba
    fitted = LogisticRegression(max_iter=1000).fit(rows, codes)
    proba[:, fitted.classes_] = fitted.predict_proba(new)
    return proba


def _tip_adapter(rows: Floats, codes: Ints, new: Floats, names: Floats) -> Floats:
    near = np.exp(-SHARPNESS * (1 - new @ rows.T))
    return np.asarray(softmax(NAMES_SCALE * new @ names.T + near @ np.eye(len(names))[codes], 1))


def _grades(proba: Floats, truth: Ints, taught: Bools) -> list[float]:
    right, other = proba.argmax(axis=1) == truth, ~taught[truth]
    sure = proba.max(axis=1)
    return [
        float(right[~other].mean()),
        float(right[other].mean()),
        float(right.mean()),
        calibration_error(sure, right),
        calibration_error(sure[other], right[other]),
    ]


if __name__ == "__main__":
    main()
