from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields


class DeleteFunction(BaseModel):
    delete_function: "DeleteFunctionDeleteFunction" = Field(alias="deleteFunction")


class DeleteFunctionDeleteFunction(BaseModel):
    deleted_function_id: Optional[str] = Field(alias="deletedFunctionId")
    errors: list["DeleteFunctionDeleteFunctionErrors"]


DeleteFunctionDeleteFunctionErrors = ErrorFields
