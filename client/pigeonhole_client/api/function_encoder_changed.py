from pydantic import Field

from .base_model import BaseModel
from .fragments import FunctionEncoderFields


class FunctionEncoderChanged(BaseModel):
    function_changed: "FunctionEncoderChangedFunctionChanged" = Field(
        alias="functionChanged"
    )


FunctionEncoderChangedFunctionChanged = FunctionEncoderFields
