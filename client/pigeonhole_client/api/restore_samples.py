from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields


class RestoreSamples(BaseModel):
    restore_samples: "RestoreSamplesRestoreSamples" = Field(alias="restoreSamples")


class RestoreSamplesRestoreSamples(BaseModel):
    results: list["RestoreSamplesRestoreSamplesResults"]
    errors: list["RestoreSamplesRestoreSamplesErrors"]


class RestoreSamplesRestoreSamplesResults(BaseModel):
    sample: Optional["RestoreSamplesRestoreSamplesResultsSample"]
    error: Optional["RestoreSamplesRestoreSamplesResultsError"]


class RestoreSamplesRestoreSamplesResultsSample(BaseModel):
    id: str


RestoreSamplesRestoreSamplesResultsError = ErrorFields
RestoreSamplesRestoreSamplesErrors = ErrorFields
