from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PageFields, TrainingRunFields


class ListTrainingRuns(BaseModel):
    function: Optional["ListTrainingRunsFunction"]


class ListTrainingRunsFunction(BaseModel):
    training_runs: "ListTrainingRunsFunctionTrainingRuns" = Field(alias="trainingRuns")


class ListTrainingRunsFunctionTrainingRuns(BaseModel):
    nodes: list["ListTrainingRunsFunctionTrainingRunsNodes"]
    page_info: "ListTrainingRunsFunctionTrainingRunsPageInfo" = Field(alias="pageInfo")


ListTrainingRunsFunctionTrainingRunsNodes = TrainingRunFields
ListTrainingRunsFunctionTrainingRunsPageInfo = PageFields
