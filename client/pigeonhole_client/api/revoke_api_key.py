from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ApiKeyFields, ErrorFields


class RevokeApiKey(BaseModel):
    revoke_api_key: "RevokeApiKeyRevokeApiKey" = Field(alias="revokeApiKey")


class RevokeApiKeyRevokeApiKey(BaseModel):
    api_key: Optional["RevokeApiKeyRevokeApiKeyApiKey"] = Field(alias="apiKey")
    errors: list["RevokeApiKeyRevokeApiKeyErrors"]


RevokeApiKeyRevokeApiKeyApiKey = ApiKeyFields
RevokeApiKeyRevokeApiKeyErrors = ErrorFields
