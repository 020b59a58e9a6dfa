"""Enums that the settings, the tables, the domain and the API share."""

from enum import StrEnum


class FunctionVisibility(StrEnum):
    """Who may invoke a function."""

    PRIVATE = "private"
    PUBLIC = "public"


class SampleSource(StrEnum):
    """How a sample was added."""

    UPLOAD = "upload"
    CAPTURE = "capture"


class CaptureReason(StrEnum):
    """Why the image of an invocation was kept as a sample."""

    REQUESTED = "requested"
    FEEDBACK = "feedback"
    RANDOM = "random"
    STRANGE = "strange"
    RARE_LABEL = "rare_label"
    LOW_CONFIDENCE = "low_confidence"


class AnnotationSource(StrEnum):
    """How an annotation was made."""

    PERSON = "person"
    IMPORT = "import"
    FEEDBACK = "feedback"
    ACCEPTED = "accepted"  # a prediction, accepted in bulk


class TrainingState(StrEnum):
    """State of a training run."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class TrainingStage(StrEnum):
    """Current step of a training run."""

    WAITING = "waiting"
    EMBEDDING = "embedding"
    SELECTING = "selecting"
    CROSS_VALIDATING = "cross_validating"
    FITTING = "fitting"
    DONE = "done"


class EncoderChangeState(StrEnum):
    """State of a change from one encoder to another."""

    EMBEDDING = "embedding"
    COMPARING = "comparing"
    WAITING = "waiting"
    SWITCHED = "switched"
    STOPPED = "stopped"
    UNDONE = "undone"


class WorkKind(StrEnum):
    """Kind of work that workers do for a function."""

    TRAIN = "train"
    EMBED = "embed"
    ANSWER = "answer"


class Decision(StrEnum):
    """What to do with a prediction."""

    ACCEPT = "accept"
    REVIEW = "review"
    NONE_OF_THESE = "none_of_these"


class ApiKeyScope(StrEnum):
    """What an API key allows."""

    INVOKE = "invoke"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class Takes(StrEnum):
    """Kinds of jobs that a worker can be bound to."""

    TRAIN = "train"
    EMBED = "embed"  # and all else that grows with uploads


class WebhookEvent(StrEnum):
    """What a webhook is told of."""

    TRAINING_SUCCEEDED = "training.succeeded"
    TRAINING_FAILED = "training.failed"
    MODEL_ACTIVATED = "model.activated"
    MODEL_KEPT_BACK = "model.kept_back"
    ACCURACY_DROPPED = "accuracy.dropped"
    SAMPLE_CAPTURED = "sample.captured"
    TEST = "webhook.test"


class DeliveryState(StrEnum):
    """State of the delivery of an event."""

    PENDING = "pending"
    DELIVERED = "delivered"


class LogFormat(StrEnum):
    """Format of log lines."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """Severity from which log lines are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @classmethod
    def _missing_(cls, value: object) -> "LogLevel | None":
        """Accept ``INFO`` as ``info``."""
        lower = str(value).lower()
        return cls(lower) if lower != value else None


class Precision(StrEnum):
    """What embeddings are computed in, which is part of an encoder's identity."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
