from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import LabelFields, PageFields


class ListLabels(BaseModel):
    function: Optional["ListLabelsFunction"]


class ListLabelsFunction(BaseModel):
    labels: "ListLabelsFunctionLabels"


class ListLabelsFunctionLabels(BaseModel):
    nodes: list["ListLabelsFunctionLabelsNodes"]
    page_info: "ListLabelsFunctionLabelsPageInfo" = Field(alias="pageInfo")


ListLabelsFunctionLabelsNodes = LabelFields
ListLabelsFunctionLabelsPageInfo = PageFields
