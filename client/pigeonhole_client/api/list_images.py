from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PageFields


class ListImages(BaseModel):
    function: Optional["ListImagesFunction"]


class ListImagesFunction(BaseModel):
    samples: "ListImagesFunctionSamples"


class ListImagesFunctionSamples(BaseModel):
    nodes: list["ListImagesFunctionSamplesNodes"]
    page_info: "ListImagesFunctionSamplesPageInfo" = Field(alias="pageInfo")


class ListImagesFunctionSamplesNodes(BaseModel):
    id: str
    external_id: Optional[str] = Field(alias="externalId")
    image: "ListImagesFunctionSamplesNodesImage"
    annotation: Optional["ListImagesFunctionSamplesNodesAnnotation"]


class ListImagesFunctionSamplesNodesImage(BaseModel):
    sha_256: str = Field(alias="sha256")


class ListImagesFunctionSamplesNodesAnnotation(BaseModel):
    label: "ListImagesFunctionSamplesNodesAnnotationLabel"


class ListImagesFunctionSamplesNodesAnnotationLabel(BaseModel):
    name: str


ListImagesFunctionSamplesPageInfo = PageFields
