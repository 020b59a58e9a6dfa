"""Classification with few samples: arrays in, arrays out.

The package uses no database, clock or environment variable, so equal input gives equal output.
"""

from pigeonhole.classifier.estimator import FewShotClassifier
from pigeonhole.classifier.intervals import Estimate

__all__ = ["Estimate", "FewShotClassifier"]
