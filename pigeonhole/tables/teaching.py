"""Which samples models learn from, as conditions on `Sample` and of one that has been read.

A prediction that was accepted as an annotation is none to learn from: the model would be taught its
own answers, and its accuracy measured against them.
"""

from tortoise.expressions import Q

from pigeonhole.kinds import AnnotationSource
from pigeonhole.tables import Sample

TEACHES = Q(label_id__isnull=False) & Q(annotation_source__not=AnnotationSource.ACCEPTED)
"""A person has given the sample its label."""
TEACHES_NOTHING = Q(label_id=None) | Q(annotation_source=AnnotationSource.ACCEPTED)
"""Nobody has, which makes it a sample without an annotation for models."""


def teaches(sample: Sample) -> bool:
    """Return whether a sample meets `TEACHES`."""
    return sample.label_id is not None and sample.annotation_source != AnnotationSource.ACCEPTED
