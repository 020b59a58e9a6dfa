from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import AcceptableFields


class GetAcceptablePredictions(BaseModel):
    function: Optional["GetAcceptablePredictionsFunction"]


class GetAcceptablePredictionsFunction(BaseModel):
    acceptable_predictions: "GetAcceptablePredictionsFunctionAcceptablePredictions" = (
        Field(alias="acceptablePredictions")
    )


GetAcceptablePredictionsFunctionAcceptablePredictions = AcceptableFields
