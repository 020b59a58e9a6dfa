from datetime import datetime
from typing import Any, Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import (
    AnnotationSource,
    ApiKeyScope,
    Decision,
    ErrorCode,
    FunctionState,
    FunctionVisibility,
    SampleSource,
    TrainingStage,
    TrainingState,
)


class ApiKeyFields(BaseModel):
    id: str
    name: str
    prefix: str
    scopes: list[ApiKeyScope]
    created_at: datetime = Field(alias="createdAt")
    expires_at: Optional[datetime] = Field(alias="expiresAt")
    last_used_at: Optional[datetime] = Field(alias="lastUsedAt")
    revoked_at: Optional[datetime] = Field(alias="revokedAt")


class ErrorFields(BaseModel):
    code: ErrorCode
    message: str
    path: list[str]


class EstimateFields(BaseModel):
    value: float
    lower: float
    upper: float
    count: int


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
