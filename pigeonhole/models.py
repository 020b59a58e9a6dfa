"""The tables.

Function 1─* Label
Function 1─* Sample *─1 Label (its annotation), *─1 Label (the active model's answer)
Function 1─* TrainingRun 1─1 Model 1─1 ModelArrays
Function 1─* Invocation
Function 1─* Grade *─1 Sample, *─1 Model
Embedding  by (sha256, encoder), whoever shows the picture
Orphan     a picture that nothing names any more, until it is swept
ApiKey     who may do what; AuditEntry: who changed what, and when
"""

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model as Row
from uuid_utils.compat import uuid7

from pigeonhole.columns import AnyJSONField


class FunctionVisibility(StrEnum):
    """Who may invoke a function."""

    PRIVATE = "private"
    PUBLIC = "public"


class SampleSource(StrEnum):
    """How a sample came to be."""

    UPLOAD = "upload"
    CAPTURE = "capture"


class AnnotationSource(StrEnum):
    """Who said what a sample is."""

    PERSON = "person"
    IMPORT = "import"
    FEEDBACK = "feedback"


class TrainingState(StrEnum):
    """How far a training run is."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class TrainingStage(StrEnum):
    """What a training run is doing."""

    WAITING = "waiting"
    EMBEDDING = "embedding"
    SELECTING = "selecting"
    CROSS_VALIDATING = "cross_validating"
    FITTING = "fitting"
    PUBLISHING = "publishing"
    DONE = "done"


class Decision(StrEnum):
    """What to do with an answer."""

    ACCEPT = "accept"
    REVIEW = "review"
    NONE_OF_THESE = "none_of_these"


class ApiKeyScope(StrEnum):
    """What a key allows."""

    INVOKE = "invoke"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class Function(Row):
    """A classifier that its owner teaches by example.

    ``revision`` counts changes to the training set; ``trained_revision`` is the newest one that a
    run has finished with. Training is owed while they differ. ``upload_revision`` and
    ``embedded_revision`` do the same for pictures that are not embedded yet.
    """

    id = fields.UUIDField(primary_key=True, default=uuid7)
    name = fields.CharField(max_length=100)
    name_key = fields.CharField(max_length=200, unique=True)  # casefolded
    description = fields.TextField(null=True)
    visibility = fields.CharEnumField(
        FunctionVisibility, max_length=20, default=FunctionVisibility.PRIVATE
    )
    auto_train = fields.BooleanField(default=True)
    max_error_rate = fields.FloatField(default=0.05)
    capture_enabled = fields.BooleanField(default=False)
    capture_below = fields.FloatField(default=0.8)
    capture_daily_limit = fields.IntField(default=100)
    encoder = fields.CharField(max_length=400)  # what `encoders.load` takes
    revision = fields.IntField(default=0)
    trained_revision = fields.IntField(default=0)
    upload_revision = fields.IntField(default=0)
    embedded_revision = fields.IntField(default=0)
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
    source = fields.CharEnumField(SampleSource, max_length=20, default=SampleSource.UPLOAD)
    sha256 = fields.CharField(max_length=64)
    media_type = fields.CharField(max_length=40)
    width = fields.IntField()
    height = fields.IntField()
    byte_size = fields.IntField()
    embedded = fields.BooleanField(default=False)  # by its function's encoder
    label: fields.ForeignKeyNullableRelation[Label] = fields.ForeignKeyField(
        "pigeonhole.Label", null=True, on_delete=fields.SET_NULL, related_name="samples"
    )
    label_id: UUID | None
    annotation_source = fields.CharEnumField(AnnotationSource, max_length=20, null=True)
    annotated_at = fields.DatetimeField(null=True)
    confirmed = fields.BooleanField(default=False)  # somebody holds to the annotation, model or not
    predicted: fields.ForeignKeyNullableRelation[Label] = fields.ForeignKeyField(
        "pigeonhole.Label", null=True, on_delete=fields.SET_NULL, related_name="predicted"
    )
    predicted_id: UUID | None
    confidence = fields.FloatField(null=True)  # of the predicted label, 0 to 1
    mistake_score = fields.FloatField(null=True)  # of the annotation, 0 to 1
    informativeness = fields.FloatField(null=True)  # of an annotation to come, 0 to 1
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "sample"
        unique_together = (("function", "sha256"), ("function", "external_id"))
        indexes = (
            Index(fields=("function_id", "id")),
            Index(fields=("function_id", "confidence", "id")),
            Index(fields=("function_id", "label_id")),
            Index(fields=("function_id", "embedded")),
            Index(fields=("sha256",)),
        )


class Embedding(Row):
    """A picture as an encoder sees it: computed once, kept for every function that has it."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    sha256 = fields.CharField(max_length=64)
    encoder = fields.CharField(max_length=400)  # `Encoder.identity`
    vector = fields.BinaryField()  # (dimension,) float16, unit length

    class Meta:
        table = "embedding"
        unique_together = (("sha256", "encoder"),)


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
    sample_count = fields.IntField(default=0)
    accuracy: Any = fields.JSONField(null=True)  # value, lower, upper, count
    queued_at = fields.DatetimeField(auto_now_add=True)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    model: fields.OneToOneNullableRelation["Model"] = fields.OneToOneField(
        "pigeonhole.Model", null=True, on_delete=fields.SET_NULL, related_name="training_run"
    )
    model_id: UUID | None
    kept_back = fields.TextField(null=True)  # why its model was not made the active one

    class Meta:
        table = "training_run"
        unique_together = (("function", "replaces"),)


class Model(Row):
    """A trained version of a function. Its row never changes."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    function: fields.ForeignKeyRelation[Function] = fields.ForeignKeyField("pigeonhole.Function")
    function_id: UUID
    version = fields.IntField()
    revision = fields.IntField()  # of the training set
    seed = fields.IntField()
    encoder = fields.CharField(max_length=400)  # its name
    encoder_identity = fields.CharField(max_length=400)
    classifier = fields.TextField()  # which head won, and why
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
    head = fields.BinaryField()  # what `FewShotClassifier.from_arrays` takes
    held_out = fields.BinaryField()  # sample ids, and their held-out probabilities

    class Meta:
        table = "model_arrays"


class Invocation(Row):
    """An answer of `invoke`, kept for a while so that feedback can name it."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    function: fields.ForeignKeyRelation[Function] = fields.ForeignKeyField("pigeonhole.Function")
    function_id: UUID
    model: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("pigeonhole.Model")
    model_id: UUID
    external_id = fields.CharField(max_length=200, null=True)
    sha256 = fields.CharField(max_length=64)
    media_type = fields.CharField(max_length=40)
    width = fields.IntField()
    height = fields.IntField()
    byte_size = fields.IntField()
    ranking: Any = fields.JSONField()  # [[label id, confidence], ...], most likely first
    decision = fields.CharEnumField(Decision, max_length=20)
    model_time_ms = fields.FloatField()
    sample: fields.ForeignKeyNullableRelation[Sample] = fields.ForeignKeyField(
        "pigeonhole.Sample", null=True, on_delete=fields.SET_NULL
    )
    sample_id: UUID | None
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "invocation"
        indexes = (Index(fields=("created_at",)), Index(fields=("sha256",)))


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


class ApiKey(Row):
    """A secret that stands for a program or a person. Only its hash is kept."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    name = fields.CharField(max_length=100)
    prefix = fields.CharField(max_length=20, unique=True)  # the secret's first characters
    secret_hash = fields.CharField(max_length=64)  # SHA-256 of the whole secret, in hexadecimal
    scopes: Any = fields.JSONField()  # values of `ApiKeyScope`
    function_ids: Any = fields.JSONField(null=True)  # restricted to these; null for all
    created_at = fields.DatetimeField(auto_now_add=True)
    expires_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_key"


class AuditEntry(Row):
    """A change that somebody made. Entries are never changed."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    at = fields.DatetimeField(auto_now_add=True)
    api_key_id: UUID | None = fields.UUIDField(null=True)  # null for the command line
    actor = fields.CharField(max_length=200)  # who it was, for a person
    action = fields.CharField(max_length=100)  # such as `annotateSamples`
    object_ids: Any = fields.JSONField()  # ids as clients see them

    class Meta:
        table = "audit_entry"


class Orphan(Row):
    """A picture that no row names since ``since``. Its blob goes when that is a while ago."""

    sha256 = fields.CharField(max_length=64, primary_key=True)
    since = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "orphan"


class Choice(Row):
    """A decision made once for this deployment, such as what `auto` stands for."""

    name = fields.CharField(max_length=40, primary_key=True)
    value = fields.TextField()

    class Meta:
        table = "choice"
