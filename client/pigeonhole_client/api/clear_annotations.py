from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields


class ClearAnnotations(BaseModel):
    clear_annotations: "ClearAnnotationsClearAnnotations" = Field(
        alias="clearAnnotations"
    )


class ClearAnnotationsClearAnnotations(BaseModel):
    results: list["ClearAnnotationsClearAnnotationsResults"]
    errors: list["ClearAnnotationsClearAnnotationsErrors"]


class ClearAnnotationsClearAnnotationsResults(BaseModel):
    sample: "ClearAnnotationsClearAnnotationsResultsSample"
    error: Optional["ClearAnnotationsClearAnnotationsResultsError"]


class ClearAnnotationsClearAnnotationsResultsSample(BaseModel):
    id: str


ClearAnnotationsClearAnnotationsResultsError = ErrorFields
ClearAnnotationsClearAnnotationsErrors = ErrorFields
