from pydantic import Field

from .base_model import BaseModel
from .fragments import ApiKeyFields, PageFields


class ListApiKeys(BaseModel):
    api_keys: "ListApiKeysApiKeys" = Field(alias="apiKeys")


class ListApiKeysApiKeys(BaseModel):
    nodes: list["ListApiKeysApiKeysNodes"]
    page_info: "ListApiKeysApiKeysPageInfo" = Field(alias="pageInfo")


ListApiKeysApiKeysNodes = ApiKeyFields
ListApiKeysApiKeysPageInfo = PageFields
