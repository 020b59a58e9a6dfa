from pydantic import Field

from .base_model import BaseModel
from .fragments import FunctionFields


class FunctionChanged(BaseModel):
    function_changed: "FunctionChangedFunctionChanged" = Field(alias="functionChanged")


FunctionChangedFunctionChanged = FunctionFields
