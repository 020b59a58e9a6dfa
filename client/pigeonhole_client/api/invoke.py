from typing import Optional

from .base_model import BaseModel
from .fragments import ErrorFields, InvocationFields


class Invoke(BaseModel):
    invoke: "InvokeInvoke"


class InvokeInvoke(BaseModel):
    invocation: Optional["InvokeInvokeInvocation"]
    errors: list["InvokeInvokeErrors"]


InvokeInvokeInvocation = InvocationFields
InvokeInvokeErrors = ErrorFields
