from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields


class AnnotateSamples(BaseModel):
    annotate_samples: "AnnotateSamplesAnnotateSamples" = Field(alias="annotateSamples")


class AnnotateSamplesAnnotateSamples(BaseModel):
    results: list["AnnotateSamplesAnnotateSamplesResults"]
    errors: list["AnnotateSamplesAnnotateSamplesErrors"]


class AnnotateSamplesAnnotateSamplesResults(BaseModel):
    sample: "AnnotateSamplesAnnotateSamplesResultsSample"
    error: Optional["AnnotateSamplesAnnotateSamplesResultsError"]


class AnnotateSamplesAnnotateSamplesResultsSample(BaseModel):
    id: str


AnnotateSamplesAnnotateSamplesResultsError = ErrorFields
AnnotateSamplesAnnotateSamplesErrors = ErrorFields
