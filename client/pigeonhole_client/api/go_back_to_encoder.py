from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import EncoderChangeFields, ErrorFields


class GoBackToEncoder(BaseModel):
    go_back_to_encoder: "GoBackToEncoderGoBackToEncoder" = Field(
        alias="goBackToEncoder"
    )


class GoBackToEncoderGoBackToEncoder(BaseModel):
    encoder_change: Optional["GoBackToEncoderGoBackToEncoderEncoderChange"] = Field(
        alias="encoderChange"
    )
    errors: list["GoBackToEncoderGoBackToEncoderErrors"]


GoBackToEncoderGoBackToEncoderEncoderChange = EncoderChangeFields
GoBackToEncoderGoBackToEncoderErrors = ErrorFields
