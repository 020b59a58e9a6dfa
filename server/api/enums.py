"""Descriptions of the domain's enums in the schema."""

from enum import Enum

import strawberry

from pigeonhole.functions import FunctionState
from pigeonhole.kinds import (
    AnnotationSource,
    ApiKeyScope,
    CaptureReason,
    Decision,
    DeliveryState,
    EncoderChangeState,
    FunctionVisibility,
    SampleSource,
    TrainingStage,
    TrainingState,
    WebhookEvent,
    WorkKind,
)
from pigeonhole.monitoring import PeriodLength
from pigeonhole.samples.uploads import DuplicatePolicy


def _describe(enum: type[Enum], description: str, **values: str) -> None:
    strawberry.enum(enum, description=description)
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined] # set by strawberry
        value.description = values[value.name]


_describe(
    FunctionVisibility,
    "Who may invoke a function.",
    PRIVATE="Only callers with an API key that allows it.",
    PUBLIC="Anyone who knows the ID of the function. Reading its samples and changing it "
    "still need a key.",
)
_describe(
    FunctionState,
    "Lifecycle state of a function.",
    COLLECTING="The function cannot be trained yet (see `readiness`), or waits until training is "
    "started.",
    TRAINING="The first model is being trained.",
    READY="The function has a model and can be invoked.",
    FAILED="The last training run failed and there is no earlier model.",
)
_describe(
    SampleSource,
    "How a sample was added.",
    UPLOAD="Uploaded with `addSamples`.",
    CAPTURE="Kept from a call of `invoke`.",
)
_describe(
    CaptureReason,
    "Why the image of an invocation was kept as a sample. The first that applies, in this order.",
    REQUESTED="The caller of `invoke` asked for it.",
    FEEDBACK="Feedback was given on the invocation.",
    RANDOM="Drawn for `CaptureSettings.randomShare`, whatever the prediction.",
    STRANGE="The decision was `NONE_OF_THESE`.",
    RARE_LABEL="The predicted label had few annotated samples.",
    LOW_CONFIDENCE="The confidence of the prediction was low.",
)
_describe(
    AnnotationSource,
    "How an annotation was made.",
    PERSON="Made by a person who annotated the sample.",
    IMPORT="Uploaded together with the sample.",
    FEEDBACK="Given as feedback on an invocation.",
    ACCEPTED="Accepted from a prediction with `acceptPredictions`. Models do not learn from it and "
    "are not measured on it until a person annotates the sample.",
)
_describe(
    EncoderChangeState,
    "State of a change from one encoder to another.",
    EMBEDDING="Workers embed the images of the function with the new encoder.",
    COMPARING="A worker trains a model with the new encoder and compares it.",
    WAITING="All is there; `switchEncoder` switches, or `stopEncoderChange` ends it.",
    SWITCHED="The function uses the new encoder.",
    STOPPED="The change was stopped; the function kept its encoder.",
    UNDONE="The function went back to the encoder before.",
)
_describe(
    TrainingState,
    "State of a training run.",
    QUEUED="Waiting for a worker.",
    RUNNING="A worker is training.",
    SUCCEEDED="Finished, and produced a model.",
    FAILED="Ended without a model; `failure` says why.",
    CANCELED="Stopped by a caller, or its labels were deleted before it started.",
)
_describe(
    TrainingStage,
    "Current step of a training run.",
    WAITING="Waiting for a worker.",
    EMBEDDING="Computing embeddings of new samples.",
    SELECTING="Comparing classifiers to choose the best one.",
    CROSS_VALIDATING="Predicting each sample with a classifier that was trained without it.",
    FITTING="Training the chosen classifier on all samples.",
    DONE="Finished.",
)
_describe(
    PeriodLength,
    "Length of a period that invocations are counted in.",
    HOUR="From each full hour to the next.",
    DAY="From midnight to midnight, in UTC.",
)
_describe(
    DuplicatePolicy,
    "What to do with an image that the function already has: the same bytes or the "
    "same `externalId`.",
    MERGE="Return the existing sample. A new annotation replaces the existing one. An "
    "`externalId` is stored if the sample has none; a different one is refused with the error "
    "`CONFLICT`.",
    SKIP="Return the existing sample unchanged, and ignore the entry's annotation and "
    "`externalId`.",
    REJECT="Report the error `TAKEN`.",
)
_describe(
    Decision,
    "What to do with a prediction.",
    ACCEPT="Accept it: at this confidence, the error rate on held-out samples is within the "
    "function's `maxErrorRate`.",
    REVIEW="Let a person check it: the confidence is too low to accept it.",
    NONE_OF_THESE="Probably none of the labels: the image is unlike all samples of the function.",
)
_describe(
    ApiKeyScope,
    "What an API key allows.",
    INVOKE="Invoke functions.",
    READ="Read everything except API keys and the audit log.",
    WRITE="Change functions, labels, samples and annotations. Includes READ.",
    ADMIN="Manage API keys and webhooks, and read the audit log. Includes all other scopes.",
)
_describe(
    WorkKind,
    "Kind of work that workers do for a function.",
    TRAIN="Training a model from the annotations.",
    EMBED="Computing the embeddings of images.",
    ANSWER="Storing the active model's predictions for the samples.",
)
_describe(
    WebhookEvent,
    "What a webhook is told of; `type` in the JSON is such as `training.succeeded`.",
    TRAINING_SUCCEEDED="A training run has produced a model: `training.succeeded`.",
    TRAINING_FAILED="A training run has failed: `training.failed`.",
    MODEL_ACTIVATED="A model was activated, by a run, by a caller or by a switch of encoder: "
    "`model.activated`.",
    MODEL_KEPT_BACK="A new model was not activated, because it is worse: `model.kept_back`.",
    ACCURACY_DROPPED="The accuracy of a newly activated model is below the confidence interval "
    "of the one before: `accuracy.dropped`.",
    SAMPLE_CAPTURED="The image of an invocation was kept as a sample: `sample.captured`.",
    TEST="Somebody tests the webhook: `webhook.test`.",
)
_describe(
    DeliveryState,
    "State of the delivery of an event.",
    PENDING="It waits for an attempt.",
    DELIVERED="The receiver responded with a status from 200 to 299.",
)
