from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields, LabelFields


class UpdateLabel(BaseModel):
    update_label: "UpdateLabelUpdateLabel" = Field(alias="updateLabel")


class UpdateLabelUpdateLabel(BaseModel):
    label: Optional["UpdateLabelUpdateLabelLabel"]
    errors: list["UpdateLabelUpdateLabelErrors"]


UpdateLabelUpdateLabelLabel = LabelFields
UpdateLabelUpdateLabelErrors = ErrorFields
