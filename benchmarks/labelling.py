"""Labelled photos a minute: one by one, several at once, and group by group.

    python -m benchmarks.labelling FILE.npz FOLDER ... [--draws 3]

Files and folders are those of ``benchmarks.heads``. A person who makes no mistakes labels all
photos of a set, from the first on. What they do is counted, with the times of the keystroke-level
model, and not what computers do meanwhile. Prints one JSON line for each set:

- one by one: each photo is looked at, decided on and labelled by a key;
- several at once: 18 photos at a time, in random order. Those of each label are clicked, then one
  key labels them;
- group by group: the groups of ``Function.sampleGroups``, formed anew after each 40 labelled
  photos by a model that has learned from them. Photos of any but the most frequent label are
  clicked out, and one key labels the others. A group of which more than half would have to be
  clicked is skipped. Skipped photos are grouped again at the end; what is skipped a second time
  is labelled one by one.

Source: Card, Moran and Newell, "The keystroke-level model for user performance time with
interactive systems", Communications of the ACM 23, 1980, table 1 (K, P, B, M); Card, Moran and
Newell, "The Psychology of Human-Computer Interaction", 1983 (an eye movement).
"""

import argparse
import json
import warnings
from pathlib import Path
from statistics import fmean

import numpy as np

from benchmarks.heads_photos import Embedded, embed_folder, read_file
from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.arrays import Floats, Ints
from pigeonhole.classifier.clusters import Cluster, clusters
from pigeonhole.classifier.neighbours import groups_of
from pigeonhole.services.predictors import STRANGE

DECIDE_S = 1.35
KEY_S = 0.28
CLICK_S = 1.1 + 2 * 0.1
GLANCE_S = 0.23
"""Seconds to look at one more photo."""
AT_ONCE = 18
"""Photos of a page of "Several at once"."""
RETRAIN = 40
"""Labelled photos after which groups are formed anew."""


def main() -> None:
    """Read the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", type=Path, help="npz files or folders of photos")
    parser.add_argument("--draws", type=int, default=3)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # scikit-learn's about labels with few samples
    for path in arguments.sets:
        data = embed_folder(path) if path.is_dir() else read_file(path)
        draws = range(arguments.draws)
        grouped = [group_by_group(data, seed) for seed in draws]
        rates: dict[str, float] = {
            "one by one": 60 / (DECIDE_S + KEY_S),
            "several at once": fmean([several_at_once(data, seed) for seed in draws]),
            "group by group": fmean([each.rate for each in grouped]),
            "group by group, first half": fmean([each.first_half for each in grouped]),
            "skipped groups": fmean([each.skipped for each in grouped]),
        }
        line = {name: round(rate, 1) for name, rate in rates.items()}
        print(json.dumps({"set": data.name, "photos": len(data.rows)} | line), flush=True)


def several_at_once(data: Embedded, seed: int) -> float:
    """Return the labelled photos a minute."""
    order = np.random.default_rng(seed).permutation(len(data.rows))
    seconds = 0.0
    for start in range(0, len(order), AT_ONCE):
        page = data.codes[order[start : start + AT_ONCE]]
        seconds += len(page) * (GLANCE_S + CLICK_S) + len(np.unique(page)) * (DECIDE_S + KEY_S)
    return 60 * len(order) / seconds


class Labelling:
    """A person who labels a set group by group."""

    def __init__(self, data: Embedded, seed: int) -> None:
        """Begin with no photo labelled; ``seed`` shuffles the photos."""
        self.data = data
        self.left: Ints = np.random.default_rng(seed).permutation(len(data.rows))
        self.done: Ints = np.zeros(0, np.int64)
        self.seconds, self.skipped = 0.0, 0
        self.half_s: float | None = None
        self.aside: set[int] = set()
        self.refused: set[tuple[int, int]] = set()  # photo, label

    @property
    def rate(self) -> float:
        """Labelled photos a minute."""
        return 60 * len(self.data.rows) / self.seconds

    @property
    def first_half(self) -> float:
        """The same for the first half of the photos."""
        return 30 * len(self.data.rows) / (self.half_s or self.seconds)

    def round(self) -> int:
        """Label groups until it is time to form them anew; return how many photos were labelled."""
        before = len(self.done)
        for group in self.groups():
            photos = self.offered(group)
            if len(photos):
                self.label(photos)
            if len(self.done) - before >= RETRAIN:
                break
        self.left = self.left[~np.isin(self.left, self.done)]
        return len(self.done) - before

    def groups(self) -> list[Cluster]:
        """Return the groups of what is left, as the server forms them."""
        rows = self.data.rows[self.left]
        known = np.unique(self.data.codes[self.done])
        if len(known) < 2:
            nothing = np.zeros(len(rows))
            return clusters(rows, np.full(len(rows), -1), nothing, nothing > 0, None)
        head = fit(self.data.rows[self.done], self.data.codes[self.done])
        proba = head.predict_proba(rows)
        guesses = head.classes_[proba.argmax(axis=1)]
        strange = head.strangeness(rows) <= STRANGE
        return clusters(rows, guesses, proba.max(axis=1), strange, head.geometry())

    def offered(self, group: Cluster) -> Ints:
        """Return the photos of a group that were neither skipped nor taken out of its label."""
        photos = self.left[group.rows].tolist()
        kept = [
            photo
            for photo in photos
            if photo not in self.aside and (photo, group.label) not in self.refused
        ]
        return np.array(kept, np.int64)

    def label(self, photos: Ints) -> None:
        """Give a group the label of most of its photos, or skip it."""
        codes = self.data.codes[photos]
        most = int(np.bincount(codes).argmax())
        wrong = photos[codes != most]
        self.seconds += len(photos) * GLANCE_S + DECIDE_S + KEY_S
        if len(wrong) > len(photos) / 2:
            self.skipped += 1
            self.aside.update(photos.tolist())
            return
        self.seconds += len(wrong) * CLICK_S
        self.refused.update((photo, most) for photo in wrong.tolist())
        self.finish(photos[codes == most])

    def finish(self, photos: Ints) -> None:
        """Count photos as labelled."""
        self.done = np.concatenate([self.done, photos])
        if self.half_s is None and len(self.done) >= len(self.data.rows) / 2:
            self.half_s = self.seconds


def group_by_group(data: Embedded, seed: int) -> Labelling:
    """Label all photos of a set."""
    person = Labelling(data, seed)
    while len(person.left):
        if person.round():
            continue
        if person.aside:
            person.aside.clear()
            if person.round():
                continue
        person.seconds += len(person.left) * (DECIDE_S + KEY_S)
        person.finish(person.left)
        break
    return person


def fit(rows: Floats, codes: Ints) -> FewShotClassifier:
    """Train as the worker does, with near-duplicates held out together."""
    return FewShotClassifier().fit(rows, codes, groups=groups_of(rows))


if __name__ == "__main__":
    main()
