from typing import Optional

from .base_model import BaseModel
from .fragments import FunctionFields


class GetFunction(BaseModel):
    function: Optional["GetFunctionFunction"]


GetFunctionFunction = FunctionFields
