from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ApiKeyFields, ErrorFields


class CreateApiKey(BaseModel):
    create_api_key: "CreateApiKeyCreateApiKey" = Field(alias="createApiKey")


class CreateApiKeyCreateApiKey(BaseModel):
    secret: Optional[str]
    api_key: Optional["CreateApiKeyCreateApiKeyApiKey"] = Field(alias="apiKey")
    errors: list["CreateApiKeyCreateApiKeyErrors"]


CreateApiKeyCreateApiKeyApiKey = ApiKeyFields
CreateApiKeyCreateApiKeyErrors = ErrorFields
