from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PageFields


class ListLabelNames(BaseModel):
    function: Optional["ListLabelNamesFunction"]


class ListLabelNamesFunction(BaseModel):
    labels: "ListLabelNamesFunctionLabels"


class ListLabelNamesFunctionLabels(BaseModel):
    nodes: list["ListLabelNamesFunctionLabelsNodes"]
    page_info: "ListLabelNamesFunctionLabelsPageInfo" = Field(alias="pageInfo")


class ListLabelNamesFunctionLabelsNodes(BaseModel):
    id: str
    name: str


ListLabelNamesFunctionLabelsPageInfo = PageFields
