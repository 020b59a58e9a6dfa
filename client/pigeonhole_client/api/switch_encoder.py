from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import EncoderChangeFields, ErrorFields


class SwitchEncoder(BaseModel):
    switch_encoder: "SwitchEncoderSwitchEncoder" = Field(alias="switchEncoder")


class SwitchEncoderSwitchEncoder(BaseModel):
    encoder_change: Optional["SwitchEncoderSwitchEncoderEncoderChange"] = Field(
        alias="encoderChange"
    )
    errors: list["SwitchEncoderSwitchEncoderErrors"]


SwitchEncoderSwitchEncoderEncoderChange = EncoderChangeFields
SwitchEncoderSwitchEncoderErrors = ErrorFields
