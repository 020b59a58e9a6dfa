"""What the classifier promises besides accuracy, checked on photos that it was not trained on.

    python -m benchmarks.promises FILE.npz FOLDER ... [--draws 40]

Files and folders are those of ``benchmarks.heads``. Prints one JSON line for each promise and set:

- ``interval``: how often the 95 % interval of ``cv_accuracy_`` contains the accuracy on the rest;
- ``none of these``: with three labels held out, how well strangeness separates their photos from
  new photos of the trained labels (AUROC), beside other scores, and how many of each it flags;
- ``mistakes``: with a tenth of the labels flipped, how well mistake scores find them (AUROC);
- ``what to annotate next``: accuracy after 20, 50 and 100 annotations, in our order, in ours with
  the rarest predicted label first, and at random, with and without the other photos as a pool;
- ``accept``: share of wrong predictions among new photos accepted at an error rate of 10 %;
- ``names``: accuracy from the labels' names alone;
- ``sets``: how often the set for a coverage of 95 % contains the true label, and its mean size;
- ``evidence``: share of the five samples shown as evidence that have the true label, compared with
  the five nearest by cosine.
"""

import argparse
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import logsumexp
from sklearn.covariance import LedoitWolf
from sklearn.metrics import roc_auc_score

from benchmarks.heads_peers import draw
from benchmarks.heads_photos import Embedded, embed_folder, read_file
from benchmarks.promises_orders import orders
from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.intervals import group_sizes
from pigeonhole.classifier.metrics import set_threshold, threshold
from pigeonhole.classifier.neighbours import groups_of
from pigeonhole.classifier.review import mistake_scores

Line = dict[str, Any]
FLAGGED = 0.05
ERRORS = 0.1
COVERAGE = 0.95


def main() -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", type=Path, help="npz files or folders of photos")
    parser.add_argument("--draws", type=int, default=40)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # scikit-learn's about labels with few samples
    for path in arguments.sets:
        data = embed_folder(path) if path.is_dir() else read_file(path)
        for promise in (
            names,
            intervals,
            strangers,
            mistakes,
            orders,
            accepted,
            sets,
            evidence,
        ):
            for line in promise(data, arguments.draws):
                print(json.dumps({"set": data.name} | line), flush=True)


def fit(data: Embedded, train: Ints, codes: Ints | None = None) -> FewShotClassifier:
    """Train on the rows ``train``, with near-duplicates held out together, as the worker does."""
    rows = data.rows[train]
    return FewShotClassifier().fit(
        rows, (data.codes if codes is None else codes)[train], groups=groups_of(rows)
    )


def names(data: Embedded, draws: int) -> Iterator[Line]:
    """Yield the accuracy without any samples."""
    if data.prototypes is None:
        return
    nothing = np.zeros((0, data.rows.shape[1]), np.float32)
    fitted = FewShotClassifier().fit(nothing, [], prototypes=dict(enumerate(data.prototypes)))
    right = fitted.predict(data.rows) == data.codes
    yield {"promise": "names", "accuracy": percent(right)}


def intervals(data: Embedded, draws: int) -> Iterator[Line]:
    """Yield the coverage for several numbers of samples, drawn at random over all labels."""
    for size in (30, 50, 100, 200, 300):
        covered, claimed, true = [], [], []
        for seed in range(draws):
            train, test = split(len(data.rows), size, seed)
            fitted = fit(data, train)
            accuracy = float((fitted.predict(data.rows[test]) == data.codes[test]).mean())
            claim = fitted.cv_accuracy_
            covered.append(claim.lower <= accuracy <= claim.upper)
            claimed.append(claim.value)
            true.append(accuracy)
        figures = {"covered": percent(covered), "claimed": percent(claimed), "true": percent(true)}
        yield {"promise": "interval", "n": size, "draws": draws} | figures


def strangers(data: Embedded, draws: int) -> Iterator[Line]:
    """Yield the AUROC of photos of unseen labels against new photos of trained labels, by score."""
    for size in (10, 40):
        found: dict[str, list[float]] = {}
        for seed in range(max(1, draws // 2)):
            unseen = np.random.default_rng(seed).permutation(len(data.labels))[:3]
            train, test = draw(data.codes, size, seed)
            train = train[~np.isin(data.codes[train], unseen)]
            strange = np.isin(data.codes[test], unseen)
            fitted, rows = fit(data, train), data.rows[test]
            share = fitted.strangeness(rows)
            scores = other_scores(fitted, data, train, rows) | {"ours": -share}
            for name, score in scores.items():
                found.setdefault(name, []).append(float(roc_auc_score(strange, score)))
            flagged = share <= FLAGGED
            found.setdefault("flagged, known", []).append(float(flagged[~strange].mean()))
            found.setdefault("flagged, unseen", []).append(float(flagged[strange].mean()))
        figures = {name: round(float(np.mean(values)), 3) for name, values in found.items()}
        yield {"promise": "none of these", "samples_a_label": size} | figures


def other_scores(
    fitted: FewShotClassifier, data: Embedded, train: Ints, rows: Floats
) -> dict[str, Floats]:
    """Return the scores of the literature for the same head; stranger photos have higher ones."""
    logits = np.log(fitted.predict_proba(rows))
    seen, codes = data.rows[train], data.codes[train]
    means = np.stack([seen[codes == code].mean(axis=0) for code in np.unique(codes)])
    within = seen - means[np.searchsorted(np.unique(codes), codes)]
    inside = LedoitWolf(assume_centered=True).fit(within).precision_
    around = LedoitWolf().fit(seen)
    away = rows[:, None, :] - means[None]
    nearest = np.einsum("nkd,de,nke->nk", away, inside, away, optimize=True).min(axis=1)
    return {
        "maximum probability": -fitted.predict_proba(rows).max(axis=1),
        "energy": -logsumexp(logits, axis=1),
        "Mahalanobis": nearest,
        "relative Mahalanobis": nearest - around.mahalanobis(rows),
        "kNN": -np.sort(rows @ seen.T, axis=1)[:, -min(5, len(seen))],
    }


def mistakes(data: Embedded, draws: int) -> Iterator[Line]:
    """Yield the AUROC of mistake scores for labels that were flipped."""
    for size in (50, 200):
        found = []
        for seed in range(max(1, draws // 2)):
            rng = np.random.default_rng(seed)
            train, _ = split(len(data.rows), size, seed)
            flipped = rng.permutation(train)[: size // 10]
            codes = data.codes.copy()
            codes[flipped] += rng.integers(1, len(data.labels), len(flipped))
            codes[flipped] %= len(data.labels)
            fitted = fit(data, train, codes)
            scores = mistake_scores(
                codes[train], fitted.cv_proba_, fitted.classes_, fitted.cv_measured_
            )
            found.append(float(roc_auc_score(np.isin(train, flipped), scores)))
        yield {"promise": "mistakes", "n": size, "AUROC": round(float(np.mean(found)), 3)}


def accepted(data: Embedded, draws: int) -> Iterator[Line]:
    """Yield the errors among the new photos that the cross-validated threshold accepts."""
    for size in (50, 200):
        wrong, share = [], []
        for seed in range(max(1, draws // 2)):
            train, test = split(len(data.rows), size, seed)
            fitted = fit(data, train)
            graded = fitted.cv_measured_
            sizes = group_sizes(groups_of(data.rows[train]), len(train))[graded]
            held = fitted.cv_proba_[graded]
            right = fitted.classes_[held.argmax(axis=1)] == data.codes[train][graded]
            least = threshold(held.max(axis=1), right, sizes, ERRORS).confidence
            proba = fitted.predict_proba(data.rows[test])
            taken = proba.max(axis=1) >= least
            errors = fitted.classes_[proba.argmax(axis=1)] != data.codes[test]
            wrong.append(errors[taken].mean() if taken.any() else 0.0)
            share.append(taken.mean())
        figures = {"wrong": percent(wrong), "accepted": percent(share)}
        yield {"promise": "accept", "n": size, "errors_allowed": 100 * ERRORS} | figures


def sets(data: Embedded, draws: int) -> Iterator[Line]:
    """Yield the coverage and size of sets on new photos."""
    for size in (50, 200):
        covered, sizes = [], []
        for seed in range(draws):
            train, test = split(len(data.rows), size, seed)
            fitted = fit(data, train)
            graded = fitted.cv_measured_
            columns = np.searchsorted(fitted.classes_, data.codes[train])
            true = fitted.cv_proba_[np.arange(size), columns][graded]
            alike = group_sizes(groups_of(data.rows[train]), size)[graded]
            proba = np.zeros((len(test), len(data.labels)))
            proba[:, fitted.classes_] = fitted.predict_proba(data.rows[test])
            within = proba >= max(set_threshold(true, alike, COVERAGE), 1e-12)
            covered.append(within[np.arange(len(test)), data.codes[test]].mean())
            sizes.append(within.sum(axis=1).mean())
        figures = {"covered": percent(covered), "mean_size": round(float(np.mean(sizes)), 2)}
        yield {"promise": "sets", "n": size, "coverage": 100 * COVERAGE} | figures


def evidence(data: Embedded, draws: int) -> Iterator[Line]:
    """Yield the precision at five of evidence, and of the nearest samples by cosine."""
    for size in (10, 30):
        ours, raw = [], []
        for seed in range(max(1, draws // 2)):
            train, test = draw(data.codes, size, seed)
            codes, rows, truth = data.codes[train], data.rows[test], data.codes[test][:, None]
            near, _ = fit(data, train).geometry().nearest(data.rows[train], rows, 5)
            ours.append((codes[near] == truth).mean())
            near = np.argsort(-rows @ data.rows[train].T, axis=1)[:, :5]
            raw.append((codes[near] == truth).mean())
        figures = {"precision_at_5": percent(ours), "by_cosine": percent(raw)}
        yield {"promise": "evidence", "samples_a_label": size} | figures


def split(count: int, size: int, seed: int) -> tuple[Ints, Ints]:
    """Return ``size`` random rows, and the rest."""
    order = np.random.default_rng(seed).permutation(count)
    return order[:size], order[size:]


def percent(values: Any) -> float:
    """Return the mean in percent."""
    return round(100 * float(np.mean(values)), 1)


if __name__ == "__main__":
    main()
