from pydantic import Field

from .base_model import BaseModel
from .fragments import FunctionFields, PageFields


class ListFunctions(BaseModel):
    functions: "ListFunctionsFunctions"


class ListFunctionsFunctions(BaseModel):
    nodes: list["ListFunctionsFunctionsNodes"]
    page_info: "ListFunctionsFunctionsPageInfo" = Field(alias="pageInfo")


ListFunctionsFunctionsNodes = FunctionFields
ListFunctionsFunctionsPageInfo = PageFields
