from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields, TrainingRunFields


class CancelTraining(BaseModel):
    cancel_training: "CancelTrainingCancelTraining" = Field(alias="cancelTraining")


class CancelTrainingCancelTraining(BaseModel):
    training_run: Optional["CancelTrainingCancelTrainingTrainingRun"] = Field(
        alias="trainingRun"
    )
    errors: list["CancelTrainingCancelTrainingErrors"]


CancelTrainingCancelTrainingTrainingRun = TrainingRunFields
CancelTrainingCancelTrainingErrors = ErrorFields
