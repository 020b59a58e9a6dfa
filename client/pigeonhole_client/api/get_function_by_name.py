from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import FunctionFields


class GetFunctionByName(BaseModel):
    function_by_name: Optional["GetFunctionByNameFunctionByName"] = Field(
        alias="functionByName"
    )


GetFunctionByNameFunctionByName = FunctionFields
