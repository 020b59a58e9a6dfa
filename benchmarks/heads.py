"""Compare the classifier with scikit-learn's heads on few samples.

    python -m benchmarks.heads FILE.npz FOLDER ... [--seeds 5] [--sizes 1,2,5,10,30,100]
    python -m benchmarks.heads --growth PICTURE.svg

A FILE holds ``X`` (n, dim), ``y`` (n,) and optionally ``P`` (labels, dim), the prototypes of
the sorted labels. A FOLDER holds one folder of photos per label, which are embedded first. Prints
one JSON line for each set, number of samples per label and head, averaged over the seeds:

- ``accuracy``, ``log_loss`` (nats), ``calibration_error`` on the photos held out;
- ``claimed``, ``lower``, ``upper``: the cross-validated accuracy on the training photos, with its
  95 % interval, which is Wilson's for scikit-learn's heads;
- ``covers``: how often that interval contains the accuracy on the photos held out, which are
  weighted so that labels have the shares that they have in training;
- ``fit_cpu_s``: processor time of fitting, which includes cross-validation for ours only.

Times are those of one BLAS thread: set OPENBLAS_NUM_THREADS=1 and OMP_NUM_THREADS=1.
"""

import argparse
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # run as a file
    sys.path.insert(0, str(ROOT))

from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.model_selection import StratifiedKFold, cross_val_predict  # noqa: E402

from benchmarks.heads_growth import draw_growth  # noqa: E402
from benchmarks.heads_peers import PEERS, Peer, draw, probabilities  # noqa: E402
from benchmarks.heads_photos import Embedded, embed_folder, read_file  # noqa: E402
from pigeonhole.classifier import Estimate, FewShotClassifier  # noqa: E402
from pigeonhole.classifier.arrays import Floats, Ints  # noqa: E402
from pigeonhole.classifier.intervals import wilson  # noqa: E402
from pigeonhole.classifier.metrics import calibration_error  # noqa: E402


def graded(proba: Floats, codes: Ints, train: Ints, claim: Estimate | None) -> dict[str, float]:
    """Grade the probabilities of held-out rows; ``train`` holds the labels of the training rows."""
    right = proba.argmax(axis=1) == codes
    shares = np.bincount(train, minlength=proba.shape[1]) / len(train)
    weights = shares[codes] / np.maximum(np.bincount(codes, minlength=proba.shape[1]), 1)[codes]
    alike = float((weights * right).sum() / weights.sum())
    found = {
        "accuracy": float(right.mean()),
        "log_loss": float(-np.log(np.maximum(proba[np.arange(len(codes)), codes], 1e-6)).mean()),
        "calibration_error": calibration_error(proba.max(axis=1), right),
    }
    if claim is not None and claim.count:
        found |= {"claimed": claim.value, "lower": claim.lower, "upper": claim.upper}
        found["covers"] = float(claim.lower <= alike <= claim.upper)
    return found


def run_ours(data: Embedded, train: Ints, test: Ints, named: bool) -> dict[str, float]:
    """Fit the classifier, with the prototypes of the labels' names if ``named``."""
    prototypes = None
    if named and data.prototypes is not None:
        prototypes = dict(enumerate(data.prototypes))
    start = time.process_time()
    fitted = FewShotClassifier().fit(data.rows[train], data.codes[train], prototypes=prototypes)
    taken = time.process_time() - start
    proba = fitted.predict_proba(data.rows[test])
    claim = None if fitted.cv_accuracy_.too_early else fitted.cv_accuracy_
    return graded(proba, data.codes[test], data.codes[train], claim) | {"fit_cpu_s": taken}


def run_pool(data: Embedded, train: Ints, rest: Ints, seed: int) -> dict[str, float]:
    """Fit with and without an unlabelled pool: half of the held-out photos; the other half tests.

    ``gain`` is the difference in accuracy; ``shifted`` is that for a pool of only three labels.
    """
    rest = np.random.default_rng(100 + seed).permutation(rest)
    pool, test = rest[: len(rest) // 2], rest[len(rest) // 2 :]
    three = np.random.default_rng(seed).permutation(len(data.labels))[:3]
    rows, codes, truth = data.rows[train], data.codes[train], data.codes[test]
    alone = FewShotClassifier().fit(rows, codes)
    start = time.process_time()
    fitted = FewShotClassifier().fit(rows, codes, unlabelled=data.rows[pool])
    taken = time.process_time() - start
    some = pool[np.isin(data.codes[pool], three)]
    partial = FewShotClassifier().fit(rows, codes, unlabelled=data.rows[some])
    before = float((alone.predict(data.rows[test]) == truth).mean())
    claim = None if fitted.cv_accuracy_.too_early else fitted.cv_accuracy_
    found = graded(fitted.predict_proba(data.rows[test]), truth, codes, claim)
    shifted = float((partial.predict(data.rows[test]) == truth).mean()) - before
    return found | {"gain": found["accuracy"] - before, "shifted": shifted, "fit_cpu_s": taken}


def run_peer(peer: Peer, data: Embedded, train: Ints, test: Ints) -> dict[str, float]:
    """Fit one of scikit-learn's heads, then cross-validate it as its user would do."""
    rows, codes = data.rows[train], data.codes[train]
    folds = min(5, int(np.bincount(codes).min()))
    start = time.process_time()
    fitted = peer.make(folds, len(train)).fit(rows, codes)
    taken = time.process_time() - start
    claim = None
    if folds > 1 and folds > peer.least_samples:
        inner = min(5, folds - 1)
        answers = cross_val_predict(
            peer.make(inner, len(train) - len(train) // folds),
            rows,
            codes,
            cv=StratifiedKFold(folds, shuffle=True, random_state=0),
        )
        claim = wilson(float((answers == codes).mean()), len(codes))
    proba = probabilities(fitted, data.rows[test], len(data.labels))
    return graded(proba, data.codes[test], codes, claim) | {"fit_cpu_s": taken}


def mean_of(runs: list[dict[str, float]]) -> dict[str, float | None]:
    """Average each figure over the runs that have it."""
    keys = dict.fromkeys(key for run in runs for key in run)
    return {key: round(float(np.mean([run[key] for run in runs if key in run])), 4) for key in keys}


def compare(data: Embedded, sizes: list[int], seeds: int) -> None:
    """Compare all heads on one set, and print a line for each."""
    before = None
    for size in sizes:
        draws = [draw(data.codes, size, seed) for seed in range(seeds)]
        if before == len(draws[0][0]):
            continue  # every label already gives half of its photos
        before = len(draws[0][0])
        lines: dict[str, list[dict[str, float]]] = {}
        lines["pigeonhole"] = [run_ours(data, *drawn, named=False) for drawn in draws]
        if data.prototypes is not None:
            lines["pigeonhole, names"] = [run_ours(data, *drawn, named=True) for drawn in draws]
        lines["pigeonhole, pool"] = [
            run_pool(data, *drawn, seed) for seed, drawn in enumerate(draws)
        ]
        for peer in PEERS:
            if size >= peer.least_samples:
                lines[peer.name] = [run_peer(peer, data, *drawn) for drawn in draws]
        for name, runs in lines.items():
            line: dict[str, Any] = {"set": data.name, "samples_a_label": size, "n": before}
            print(json.dumps(line | {"head": name, "seeds": seeds} | mean_of(runs)), flush=True)


def main() -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sets", nargs="*", type=Path, help="npz files or folders of photos")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--sizes", default="1,2,5,10,30,100")
    parser.add_argument("--growth", type=Path, help="measure the growth of time and draw it here")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    warnings.simplefilter("ignore", UserWarning)  # scikit-learn's about labels with one sample
    warnings.simplefilter("ignore", FutureWarning)
    for path in arguments.sets:
        data = embed_folder(path) if path.is_dir() else read_file(path)
        compare(data, [int(size) for size in arguments.sizes.split(",")], arguments.seeds)
    if arguments.growth:
        draw_growth(arguments.growth)


if __name__ == "__main__":
    main()
