from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields


class AddSamples(BaseModel):
    add_samples: "AddSamplesAddSamples" = Field(alias="addSamples")


class AddSamplesAddSamples(BaseModel):
    created_count: int = Field(alias="createdCount")
    results: list["AddSamplesAddSamplesResults"]
    errors: list["AddSamplesAddSamplesErrors"]


class AddSamplesAddSamplesResults(BaseModel):
    duplicate: bool
    sample: Optional["AddSamplesAddSamplesResultsSample"]
    error: Optional["AddSamplesAddSamplesResultsError"]


class AddSamplesAddSamplesResultsSample(BaseModel):
    id: str


AddSamplesAddSamplesResultsError = ErrorFields
AddSamplesAddSamplesErrors = ErrorFields
