from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields


class DeleteLabel(BaseModel):
    delete_label: "DeleteLabelDeleteLabel" = Field(alias="deleteLabel")


class DeleteLabelDeleteLabel(BaseModel):
    deleted_label_id: Optional[str] = Field(alias="deletedLabelId")
    errors: list["DeleteLabelDeleteLabelErrors"]


DeleteLabelDeleteLabelErrors = ErrorFields
