from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import EncoderChangeFields, ErrorFields


class ChangeEncoder(BaseModel):
    change_encoder: "ChangeEncoderChangeEncoder" = Field(alias="changeEncoder")


class ChangeEncoderChangeEncoder(BaseModel):
    encoder_change: Optional["ChangeEncoderChangeEncoderEncoderChange"] = Field(
        alias="encoderChange"
    )
    errors: list["ChangeEncoderChangeEncoderErrors"]


ChangeEncoderChangeEncoderEncoderChange = EncoderChangeFields
ChangeEncoderChangeEncoderErrors = ErrorFields
