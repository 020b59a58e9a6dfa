"""Photos that show none of the labels."""

import numpy as np
from sklearn.metrics import roc_auc_score

from pigeonhole.classifier import FewShotClassifier
from pigeonhole.classifier.novelty import Novelty
from tests.pigeonhole.classifier.synthetic import blobs


def test_photos_of_unseen_labels_are_strange_and_few_of_known_ones_are() -> None:
    rows, labels = blobs((60,) * 6, dim=60, apart=1.2)
    known = labels < 4
    train = known & (np.arange(len(rows)) % 2 == 0)
    test = known & ~train

    fitted = FewShotClassifier().fit(rows[train], labels[train])
    own, other = fitted.strangeness(rows[test]), fitted.strangeness(rows[~known])

    assert roc_auc_score(np.r_[np.ones(len(own)), np.zeros(len(other))], np.r_[own, other]) > 0.9
    assert (own <= 0.05).mean() <= 0.1
    assert (fitted.cv_strangeness_ <= 0.05).mean() <= 0.05


def test_strangeness_is_the_share_of_held_out_samples_as_strange_counting_the_row_itself() -> None:
    novelty = Novelty(np.zeros(2), np.ones(2), np.arange(19, dtype=np.float32))

    shares = novelty.share(np.array([-1.0, 17.5, 18.0, 99.0]))

    np.testing.assert_allclose(shares, [1.0, 0.1, 0.1, 0.05])


def test_with_too_few_samples_nothing_is_flagged() -> None:
    rows, labels = blobs((3, 3))

    fitted = FewShotClassifier().fit(rows, labels)

    assert (fitted.strangeness(-rows) > 0.05).all()
