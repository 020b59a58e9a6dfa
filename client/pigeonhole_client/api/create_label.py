from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields, LabelFields


class CreateLabel(BaseModel):
    create_label: "CreateLabelCreateLabel" = Field(alias="createLabel")


class CreateLabelCreateLabel(BaseModel):
    label: Optional["CreateLabelCreateLabelLabel"]
    errors: list["CreateLabelCreateLabelErrors"]


CreateLabelCreateLabelLabel = LabelFields
CreateLabelCreateLabelErrors = ErrorFields
