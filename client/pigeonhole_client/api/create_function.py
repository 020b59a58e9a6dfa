from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields, FunctionFields


class CreateFunction(BaseModel):
    create_function: "CreateFunctionCreateFunction" = Field(alias="createFunction")


class CreateFunctionCreateFunction(BaseModel):
    function: Optional["CreateFunctionCreateFunctionFunction"]
    errors: list["CreateFunctionCreateFunctionErrors"]


CreateFunctionCreateFunctionFunction = FunctionFields
CreateFunctionCreateFunctionErrors = ErrorFields
