from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields


class AcceptPredictions(BaseModel):
    accept_predictions: "AcceptPredictionsAcceptPredictions" = Field(
        alias="acceptPredictions"
    )


class AcceptPredictionsAcceptPredictions(BaseModel):
    accepted_count: int = Field(alias="acceptedCount")
    has_more: bool = Field(alias="hasMore")
    accepted_at: Optional[datetime] = Field(alias="acceptedAt")
    errors: list["AcceptPredictionsAcceptPredictionsErrors"]


AcceptPredictionsAcceptPredictionsErrors = ErrorFields
