from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import TrainingRunFields


class TrainingProgress(BaseModel):
    training_progress: Optional["TrainingProgressTrainingProgress"] = Field(
        alias="trainingProgress"
    )


TrainingProgressTrainingProgress = TrainingRunFields
