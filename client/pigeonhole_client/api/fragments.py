from datetime import datetime
from typing import Any, Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import (
    AnnotationSource,
    ApiKeyScope,
    Decision,
    EncoderChangeState,
    ErrorCode,
    FunctionState,
    FunctionVisibility,
    SampleSource,
    TrainingStage,
    TrainingState,
)


class EstimateFields(BaseModel):
    value: float
    lower: float
    upper: float
    count: int


class AcceptableFields(BaseModel):
    count: int
    expected_errors: float = Field(alias="expectedErrors")
    version: Optional[int]
    error_rate: Optional["AcceptableFieldsErrorRate"] = Field(alias="errorRate")


class AcceptableFieldsErrorRate(EstimateFields):
    pass


class ApiKeyFields(BaseModel):
    id: str
    name: str
    prefix: str
    scopes: list[ApiKeyScope]
    created_at: datetime = Field(alias="createdAt")
    expires_at: Optional[datetime] = Field(alias="expiresAt")
    last_used_at: Optional[datetime] = Field(alias="lastUsedAt")
    revoked_at: Optional[datetime] = Field(alias="revokedAt")


class EncoderComparisonFields(BaseModel):
    sample_count: int = Field(alias="sampleCount")
    accuracy_before: Optional[float] = Field(alias="accuracyBefore")
    accuracy_after: Optional[float] = Field(alias="accuracyAfter")
    log_loss_before: Optional[float] = Field(alias="logLossBefore")
    log_loss_after: Optional[float] = Field(alias="logLossAfter")
    gained_count: int = Field(alias="gainedCount")
    lost_count: int = Field(alias="lostCount")
    gained_sample_ids: list[str] = Field(alias="gainedSampleIds")
    lost_sample_ids: list[str] = Field(alias="lostSampleIds")
    p_value: float = Field(alias="pValue")
    worse: bool
    milliseconds_before: float = Field(alias="millisecondsBefore")
    milliseconds_after: float = Field(alias="millisecondsAfter")


class EncoderChangeFields(BaseModel):
    encoder: str
    encoder_before: str = Field(alias="encoderBefore")
    state: EncoderChangeState
    switches_by_itself: bool = Field(alias="switchesByItself")
    can_go_back: bool = Field(alias="canGoBack")
    created_at: datetime = Field(alias="createdAt")
    finished_at: Optional[datetime] = Field(alias="finishedAt")
    embedded_count: int = Field(alias="embeddedCount")
    comparison: Optional["EncoderChangeFieldsComparison"]


class EncoderChangeFieldsComparison(EncoderComparisonFields):
    pass


class EncoderFields(BaseModel):
    name: str
    licence: str
    megabytes: int
    accuracy: Optional[float]
    note: str
    milliseconds: Optional[float]
    is_here: bool = Field(alias="isHere")


class ErrorFields(BaseModel):
    code: ErrorCode
    message: str
    path: list[str]


class FunctionEncoderFields(BaseModel):
    id: str
    name: str
    encoder: str
    sample_counts: "FunctionEncoderFieldsSampleCounts" = Field(alias="sampleCounts")
    encoder_change: Optional["FunctionEncoderFieldsEncoderChange"] = Field(
        alias="encoderChange"
    )


class FunctionEncoderFieldsSampleCounts(BaseModel):
    total: int


class FunctionEncoderFieldsEncoderChange(EncoderChangeFields):
    pass


class TrainingRunFields(BaseModel):
    id: str
    state: TrainingState
    stage: TrainingStage
    progress: float
    failure: Optional[str]
    waiting_for: Optional[str] = Field(alias="waitingFor")
    kept_back: Optional[str] = Field(alias="keptBack")
    sample_count: int = Field(alias="sampleCount")
    queued_at: datetime = Field(alias="queuedAt")
    started_at: Optional[datetime] = Field(alias="startedAt")
    finished_at: Optional[datetime] = Field(alias="finishedAt")
    accuracy: Optional["TrainingRunFieldsAccuracy"]


class TrainingRunFieldsAccuracy(EstimateFields):
    pass


class FunctionFields(BaseModel):
    id: str
    name: str
    description: Optional[str]
    visibility: FunctionVisibility
    state: FunctionState
    auto_train: bool = Field(alias="autoTrain")
    max_error_rate: float = Field(alias="maxErrorRate")
    created_at: datetime = Field(alias="createdAt")
    updated_at: datetime = Field(alias="updatedAt")
    encoder: str
    readiness: "FunctionFieldsReadiness"
    sample_counts: "FunctionFieldsSampleCounts" = Field(alias="sampleCounts")
    training_owed: bool = Field(alias="trainingOwed")
    training_runs: "FunctionFieldsTrainingRuns" = Field(alias="trainingRuns")
    model: Optional["FunctionFieldsModel"]


class FunctionFieldsReadiness(BaseModel):
    trainable: bool
    missing: list[str]


class FunctionFieldsSampleCounts(BaseModel):
    total: int
    annotated: int
    unannotated: int
    embedded: int
    in_review: int = Field(alias="inReview")


class FunctionFieldsTrainingRuns(BaseModel):
    nodes: list["FunctionFieldsTrainingRunsNodes"]


class FunctionFieldsTrainingRunsNodes(TrainingRunFields):
    pass


class FunctionFieldsModel(BaseModel):
    id: str
    version: int
    created_at: datetime = Field(alias="createdAt")
    metrics: "FunctionFieldsModelMetrics"


class FunctionFieldsModelMetrics(BaseModel):
    accuracy: Optional["FunctionFieldsModelMetricsAccuracy"]


class FunctionFieldsModelMetricsAccuracy(EstimateFields):
    pass


class InvocationFields(BaseModel):
    id: str
    external_id: Optional[str] = Field(alias="externalId")
    file_name: Optional[str] = Field(alias="fileName")
    created_at: datetime = Field(alias="createdAt")
    prediction: "InvocationFieldsPrediction"


class InvocationFieldsPrediction(BaseModel):
    confidence: float
    decision: Decision
    label: "InvocationFieldsPredictionLabel"
    ranking: list["InvocationFieldsPredictionRanking"]


class InvocationFieldsPredictionLabel(BaseModel):
    id: str
    name: str


class InvocationFieldsPredictionRanking(BaseModel):
    confidence: float
    label: "InvocationFieldsPredictionRankingLabel"


class InvocationFieldsPredictionRankingLabel(BaseModel):
    id: str
    name: str


class LabelFields(BaseModel):
    id: str
    name: str
    description: Optional[str]
    metadata: Optional[Any]
    sample_count: int = Field(alias="sampleCount")
    created_at: datetime = Field(alias="createdAt")


class PageFields(BaseModel):
    has_next_page: bool = Field(alias="hasNextPage")
    end_cursor: Optional[str] = Field(alias="endCursor")


class SampleFields(BaseModel):
    id: str
    external_id: Optional[str] = Field(alias="externalId")
    file_name: Optional[str] = Field(alias="fileName")
    metadata: Optional[Any]
    source: SampleSource
    created_at: datetime = Field(alias="createdAt")
    updated_at: datetime = Field(alias="updatedAt")
    mistake_score: Optional[float] = Field(alias="mistakeScore")
    disputed: bool
    unreadable: Optional[str]
    image: "SampleFieldsImage"
    annotation: Optional["SampleFieldsAnnotation"]
    cross_validated: Optional["SampleFieldsCrossValidated"] = Field(
        alias="crossValidated"
    )


class SampleFieldsImage(BaseModel):
    width: int
    height: int
    byte_size: int = Field(alias="byteSize")
    media_type: str = Field(alias="mediaType")
    sha_256: str = Field(alias="sha256")
    url: str


class SampleFieldsAnnotation(BaseModel):
    confirmed: bool
    source: AnnotationSource
    created_at: datetime = Field(alias="createdAt")
    created_by: Optional[str] = Field(alias="createdBy")
    label: "SampleFieldsAnnotationLabel"


class SampleFieldsAnnotationLabel(BaseModel):
    id: str
    name: str


class SampleFieldsCrossValidated(BaseModel):
    confidence: float
    decision: Decision
    label: "SampleFieldsCrossValidatedLabel"


class SampleFieldsCrossValidatedLabel(BaseModel):
    id: str
    name: str
