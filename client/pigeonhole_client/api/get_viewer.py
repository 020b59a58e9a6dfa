from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import ApiKeyScope
from .fragments import ApiKeyFields


class GetViewer(BaseModel):
    viewer: "GetViewerViewer"


class GetViewerViewer(BaseModel):
    scopes: list[ApiKeyScope]
    api_key: Optional["GetViewerViewerApiKey"] = Field(alias="apiKey")


GetViewerViewerApiKey = ApiKeyFields
