from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PageFields, SampleFields


class ListSamples(BaseModel):
    function: Optional["ListSamplesFunction"]


class ListSamplesFunction(BaseModel):
    samples: "ListSamplesFunctionSamples"


class ListSamplesFunctionSamples(BaseModel):
    nodes: list["ListSamplesFunctionSamplesNodes"]
    page_info: "ListSamplesFunctionSamplesPageInfo" = Field(alias="pageInfo")


ListSamplesFunctionSamplesNodes = SampleFields
ListSamplesFunctionSamplesPageInfo = PageFields
