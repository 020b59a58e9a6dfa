from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields, TrainingRunFields


class StartTraining(BaseModel):
    start_training: "StartTrainingStartTraining" = Field(alias="startTraining")


class StartTrainingStartTraining(BaseModel):
    training_run: Optional["StartTrainingStartTrainingTrainingRun"] = Field(
        alias="trainingRun"
    )
    errors: list["StartTrainingStartTrainingErrors"]


StartTrainingStartTrainingTrainingRun = TrainingRunFields
StartTrainingStartTrainingErrors = ErrorFields
