"""The domain's enums with the words that clients read."""

from enum import Enum

import strawberry

from pigeonhole.functions import FunctionState
from pigeonhole.models import (
    AnnotationSource,
    ApiKeyScope,
    Decision,
    FunctionVisibility,
    SampleSource,
    TrainingStage,
    TrainingState,
)
from pigeonhole.uploads import DuplicatePolicy


def _describe(enum: type[Enum], description: str, **values: str) -> None:
    strawberry.enum(enum, description=description)
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]


_describe(
    FunctionVisibility,
    "Who may invoke a function.",
    PRIVATE="Only keys of its project.",
    PUBLIC="Anyone who knows its ID may invoke it; nobody else may change it or read its samples.",
)
_describe(
    FunctionState,
    "How far a function is.",
    COLLECTING="It lacks labels, as `readiness` says, or a run that somebody starts.",
    TRAINING="A first model is being trained.",
    READY="It can be invoked.",
    FAILED="The last run failed and there is no earlier model.",
)
_describe(
    SampleSource,
    "How a sample came to be.",
    UPLOAD="Sent with `addSamples`.",
    CAPTURE="Kept from an `invoke`.",
)
_describe(
    AnnotationSource,
    "Who said what a sample is.",
    PERSON="Somebody who annotated it.",
    IMPORT="Came with the upload.",
    FEEDBACK="Feedback on an answer of `invoke`.",
)
_describe(
    TrainingState,
    "How far a run is.",
    QUEUED="A worker will take it up.",
    RUNNING="A worker is at it.",
    SUCCEEDED="It made a model.",
    FAILED="It ended without a model; `failure` says why.",
    CANCELED="Somebody stopped it, or its labels were gone when its turn came.",
)
_describe(
    TrainingStage,
    "What a run is doing.",
    WAITING="It waits for a worker.",
    EMBEDDING="The encoder looks at samples that it has not seen.",
    SELECTING="Classifiers compete.",
    CROSS_VALIDATING="Each sample is predicted by a classifier that did not see it.",
    FITTING="The winner learns from all samples.",
    PUBLISHING="The model is written.",
    DONE="Nothing is left to do.",
)
_describe(
    DuplicatePolicy,
    "What to do with an image that the function has already (same bytes or same `externalId`).",
    MERGE="Give back the sample that is there; a new annotation replaces its annotation.",
    SKIP="Give back the sample that is there, unchanged.",
    REJECT="Answer `TAKEN`.",
)
_describe(
    Decision,
    "What to do with an answer.",
    ACCEPT="Sure enough by the function's promised error rate.",
    REVIEW="A person should look.",
    NONE_OF_THESE="Like nothing that the function has seen: likely none of its labels.",
)
_describe(
    ApiKeyScope,
    "What a key allows.",
    INVOKE="Invoke functions.",
    READ="Read everything of the project but its keys and its audit log.",
    WRITE="Change functions, labels, samples and annotations; and READ.",
    ADMIN="Make and revoke keys, and read the audit log; and all others.",
)
