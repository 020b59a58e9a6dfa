"""The tables.

Function 1─* Label, 1─* NearDuplicateGroup 1─* Sample
Function 1─* Sample *─1 Label (its annotation), *─1 Label (the active model's answer)
Function 1─* TrainingRun 1─1 Model 1─1 ModelArrays
Function 1─* Invocation
Function 1─* Grade *─1 Sample, *─1 Model
Function 1─* DeletedSample *─1 Label  the trash
Embedding  by (sha256, encoder), whoever shows the picture
Orphan     a picture that nothing names any more, until it is swept
ApiKey     who may do what; AuditEntry: who changed what, and when
ApiKey 1─* Session  a browser that is logged in
Function 1─* EncoderChange, 1─* Webhook 1─* WebhookDelivery  who is told of changes, and what
"""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model as Row
from uuid_utils.compat import uuid7

from pigeonhole.kinds import (
    AnnotationSource,
    CaptureReason,
    FunctionVisibility,
    SampleSource,
    TrainingStage,
    TrainingState,
)
from pigeonhole.tables.access import ApiKey as ApiKey
from pigeonhole.tables.access import AuditEntry as AuditEntry
from pigeonhole.tables.access import Session as Session
from pigeonhole.tables.columns import AnyJSONField, PresentIndex
from pigeonhole.tables.encoder_changes import EncoderChange as EncoderChange
from pigeonhole.tables.invocations import Invocation as Invocation
from pigeonhole.tables.shared import Choice as Choice
from pigeonhole.tables.shared import Embedding as Embedding
from pigeonhole.tables.shared import Orphan as Orphan
from pigeonhole.tables.trash import DeletedSample as DeletedSample
from pigeonhole.tables.webhooks import Webhook as Webhook
from pigeonhole.tables.webhooks import WebhookDelivery as WebhookDelivery


class Function(Row):
    """A classifier that its owner teaches by example.

    ``revision`` counts changes to the training set; ``trained_revision`` is the newest one that a
    run has finished with. Training is owed while they differ. ``raced_revision`` is the newest one
    that needs no further race: a model that reused the choice of an earlier race leaves it behind,
    until the function is idle. ``upload_revision`` and ``embedded_revision`` do the same for
    pictures that are not embedded yet, ``answer_revision`` (which counts changes of the active
    model) and ``answered_revision`` for the samples' stored answers, ``group_revision`` and
    ``grouped_revision`` for their groups of near-duplicates.
    ``changes`` counts changes to what is annotated, embedded or deleted, and ``deletions`` is its
    value at the last deletion: what is kept in memory is brought up to date by them.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    name = fields.CharField(max_length=100)
    name_key = fields.CharField(max_length=200, unique=True)  # casefolded
    description = fields.TextField(null=True)
    visibility = fields.CharEnumField(
        FunctionVisibility, max_length=20, default=FunctionVisibility.PRIVATE
    )
    auto_train = fields.BooleanField(default=True)
    learns_from_unlabelled = fields.BooleanField(default=True, db_default=True)
    max_error_rate = fields.FloatField(default=0.05)
    capture_enabled = fields.BooleanField(default=False)
    capture_below = fields.FloatField(default=0.8)
    capture_daily_limit = fields.IntField(default=100)
    capture_strange = fields.BooleanField(default=False, db_default=False)
    capture_rare_below = fields.IntField(default=0, db_default=0)  # annotated samples of the label
    capture_random_share = fields.FloatField(default=0.0, db_default=0.0)
    encoder = fields.CharField(max_length=400)  # the spec for `encoders.load`
    revision = fields.IntField(default=0)
    trained_revision = fields.IntField(default=0)
    raced_revision = fields.IntField(default=0, db_default=0)
    upload_revision = fields.IntField(default=0)
    embedded_revision = fields.IntField(default=0)
    embedded_for = fields.CharField(max_length=400, null=True)  # `Encoder.identity`, all of them
    answer_revision = fields.IntField(default=0, db_default=0)
    answered_revision = fields.IntField(default=0, db_default=0)
    group_revision = fields.IntField(default=0, db_default=0)
    grouped_revision = fields.IntField(default=0, db_default=0)
    changes = fields.IntField(default=0, db_default=0)
    deletions = fields.IntField(default=0, db_default=0)
    active_model_id: UUID | None = fields.UUIDField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "function"


class Label(Row):
    """One of the answers that a function can give."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    function: fields.ForeignKeyRelation[Function] = fields.ForeignKeyField("pigeonhole.Function")
    function_id: UUID
    name = fields.CharField(max_length=100)
    name_key = fields.CharField(max_length=200)  # casefolded
    description = fields.TextField(null=True)
    metadata: Any = AnyJSONField(null=True)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "label"
        unique_together = (("function", "name_key"),)


class Sample(Row):
    """One picture of a function, what a person says it is, and what the active model says."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    function: fields.ForeignKeyRelation[Function] = fields.ForeignKeyField("pigeonhole.Function")
    function_id: UUID
    external_id = fields.CharField(max_length=200, null=True)
    file_name = fields.CharField(max_length=255, null=True)
    file_name_key = fields.TextField(null=True)  # `look_alikes.folded`, to search in
    metadata: Any = AnyJSONField(null=True)  # what the caller knows of it: strings by keys
    source = fields.CharEnumField(SampleSource, max_length=20, default=SampleSource.UPLOAD)
    capture_reason = fields.CharEnumField(CaptureReason, max_length=20, null=True)
    sha256 = fields.CharField(max_length=64)
    media_type = fields.CharField(max_length=40)
    width = fields.IntField()
    height = fields.IntField()
    byte_size = fields.IntField()
    embedded = fields.BooleanField(default=False)  # whether it has a vector
    embedded_for = fields.CharField(max_length=400, null=True)  # `Encoder.identity`, the newest
    unreadable = fields.TextField(null=True)  # why its bytes cannot be decoded
    claimed_by = fields.CharField(max_length=40, null=True)  # the job that embeds it now
    label: fields.ForeignKeyNullableRelation[Label] = fields.ForeignKeyField(
        "pigeonhole.Label", null=True, on_delete=fields.SET_NULL, related_name="samples"
    )
    label_id: UUID | None
    annotation_source = fields.CharEnumField(AnnotationSource, max_length=20, null=True)
    annotated_at = fields.DatetimeField(null=True)
    annotated_by = fields.CharField(max_length=100, null=True)  # the name of an API key
    confirmed = fields.BooleanField(default=False)  # whether a person has confirmed the annotation
    predicted: fields.ForeignKeyNullableRelation[Label] = fields.ForeignKeyField(
        "pigeonhole.Label", null=True, on_delete=fields.SET_NULL, related_name="predicted"
    )
    predicted_id: UUID | None
    confidence = fields.FloatField(null=True)  # of the predicted label, 0 to 1
    mistake_score = fields.FloatField(null=True)  # of the annotation, 0 to 1
    answer_version = fields.IntField(null=True)  # version of the model of these three
    informativeness = fields.FloatField(null=True)  # of annotating the sample, 0 to 1
    grouped = fields.BooleanField(default=False, db_default=False)  # was compared with all others
    group_id: UUID | None = fields.UUIDField(null=True)  # of `NearDuplicateGroup`
    change = fields.IntField(default=0, db_default=0)  # `Function.changes` at its last change
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "sample"
        unique_together = (("function", "sha256"), ("function", "external_id"))
        indexes = (
            Index(fields=("function_id", "id", "label_id")),  # filters by label read no rows
            Index(  # filters by the last columns read no rows
                fields=(
                    "function_id",
                    "confidence",
                    "id",
                    "label_id",
                    "source",
                    "capture_reason",
                    "annotation_source",
                    "created_at",
                )
            ),
            Index(fields=("function_id", "label_id", "confidence", "id")),
            Index(fields=("function_id", "predicted_id", "confidence", "id")),
            Index(fields=("function_id", "source", "label_id", "id")),
            Index(  # the queue of captured samples, by confidence
                fields=("function_id", "source", "label_id", "confidence", "id", "capture_reason")
            ),
            PresentIndex(fields=("function_id", "informativeness", "id"), of="informativeness"),
            PresentIndex(
                fields=("function_id", "confirmed", "mistake_score", "id"), of="mistake_score"
            ),
            Index(fields=("function_id", "embedded", "answer_version")),
            Index(fields=("function_id", "embedded_for")),
            Index(fields=("function_id", "change")),
            Index(fields=("function_id", "grouped", "embedded", "id")),
            Index(fields=("group_id", "id")),
            Index(fields=("sha256",)),
        )


class NearDuplicateGroup(Row):
    """Samples of a function that show almost the same picture, and what these lead to."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    function: fields.ForeignKeyRelation[Function] = fields.ForeignKeyField("pigeonhole.Function")
    function_id: UUID
    size = fields.IntField(default=0)
    contradictory = fields.BooleanField(default=False)  # annotated with different labels
    rank = fields.FloatField(default=0.0)  # the lowest is listed first

    class Meta:
        table = "near_duplicate_group"
        indexes = (Index(fields=("function_id", "rank", "id")),)


class TrainingRun(Row):
    """One attempt to make a model. ``replaces`` is the ``trained_revision`` it moves on from."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    function: fields.ForeignKeyRelation[Function] = fields.ForeignKeyField("pigeonhole.Function")
    function_id: UUID
    replaces = fields.IntField()
    state = fields.CharEnumField(TrainingState, max_length=20, default=TrainingState.QUEUED)
    stage = fields.CharEnumField(TrainingStage, max_length=20, default=TrainingStage.WAITING)
    progress = fields.FloatField(default=0.0)
    failure = fields.TextField(null=True)
    waiting_for = fields.TextField(null=True)  # the service that the run waits for
    sample_count = fields.IntField(default=0)
    accuracy: Any = fields.JSONField(null=True)  # value, lower, upper, count
    queued_at = fields.DatetimeField(auto_now_add=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    model: fields.OneToOneNullableRelation["Model"] = fields.OneToOneField(
        "pigeonhole.Model", null=True, on_delete=fields.SET_NULL, related_name="training_run"
    )
    model_id: UUID | None
    kept_back = fields.TextField(null=True)  # why its model was not activated

    class Meta:
        table = "training_run"
        unique_together = (("function", "replaces"),)


class Model(Row):
    """A trained version of a function. Its row never changes.

    But for how it is stored: the metrics of a version that is too old lose their zeros.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    function: fields.ForeignKeyRelation[Function] = fields.ForeignKeyField("pigeonhole.Function")
    function_id: UUID
    version = fields.IntField()
    revision = fields.IntField()  # of the training set
    seed = fields.IntField()
    encoder = fields.CharField(max_length=400)  # its name
    encoder_identity = fields.CharField(max_length=400)
    classifier = fields.TextField()  # which head was selected, and why
    metrics: Any = fields.JSONField()
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "model"
        unique_together = (("function", "version"),)


class ModelArrays(Row):
    """The numbers of a model, apart so that lists of models stay light. Both are npz files."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    model: fields.OneToOneRelation[Model] = fields.OneToOneField(
        "pigeonhole.Model", related_name="arrays"
    )
    model_id: UUID
    head = fields.BinaryField()  # the arrays for `FewShotClassifier.from_arrays`
    held_out = fields.BinaryField()  # sample IDs and their held-out probabilities

    class Meta:
        table = "model_arrays"


class Grade(Row):
    """Whether a prediction of a sample that nobody had annotated was right."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    function: fields.ForeignKeyRelation[Function] = fields.ForeignKeyField("pigeonhole.Function")
    function_id: UUID
    sample: fields.ForeignKeyRelation[Sample] = fields.ForeignKeyField("pigeonhole.Sample")
    sample_id: UUID
    model: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("pigeonhole.Model")
    model_id: UUID
    right = fields.BooleanField()
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "grade"
        unique_together = (("sample", "model"),)
        indexes = (Index(fields=("function_id", "id")),)
