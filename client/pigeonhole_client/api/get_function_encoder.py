from typing import Optional

from .base_model import BaseModel
from .fragments import FunctionEncoderFields


class GetFunctionEncoder(BaseModel):
    function: Optional["GetFunctionEncoderFunction"]


GetFunctionEncoderFunction = FunctionEncoderFields
