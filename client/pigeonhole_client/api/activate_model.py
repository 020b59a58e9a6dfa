from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields


class ActivateModel(BaseModel):
    activate_model: "ActivateModelActivateModel" = Field(alias="activateModel")


class ActivateModelActivateModel(BaseModel):
    model: Optional["ActivateModelActivateModelModel"]
    errors: list["ActivateModelActivateModelErrors"]


class ActivateModelActivateModelModel(BaseModel):
    id: str
    version: int


ActivateModelActivateModelErrors = ErrorFields
