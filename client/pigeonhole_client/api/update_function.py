from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields, FunctionFields


class UpdateFunction(BaseModel):
    update_function: "UpdateFunctionUpdateFunction" = Field(alias="updateFunction")


class UpdateFunctionUpdateFunction(BaseModel):
    function: Optional["UpdateFunctionUpdateFunctionFunction"]
    errors: list["UpdateFunctionUpdateFunctionErrors"]


UpdateFunctionUpdateFunctionFunction = FunctionFields
UpdateFunctionUpdateFunctionErrors = ErrorFields
