"""Which samples models learn from, as conditions on `Sample` and of one that has been read.

A prediction that was accepted as an annotation is none to learn from: the model would be taught its
own answers, and its accuracy measured against them.
"""

from uuid import UUID

from tortoise.expressions import Q

from pigeonhole.kinds import AnnotationSource
from pigeonhole.tables import Sample

ANNOTATED = Q(label_id__gte=UUID(int=0))
"""The sample has a label; a range, since SQLite uses no index for "NOT label_id IS NULL"."""
TEACHES = ANNOTATED & Q(annotation_source__not=AnnotationSource.ACCEPTED)
"""A person has given the sample its label."""
TEACHES_NOTHING = Q(label_id=None) | Q(annotation_source=AnnotationSource.ACCEPTED)
"""Nobody has, which makes it a sample without an annotation for models."""


def teaches(sample: Sample) -> bool:
    """Return whether a sample meets `TEACHES`."""
    return sample.label_id is not None and sample.annotation_source != AnnotationSource.ACCEPTED
