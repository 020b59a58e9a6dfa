from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import EncoderChangeFields, ErrorFields


class StopEncoderChange(BaseModel):
    stop_encoder_change: "StopEncoderChangeStopEncoderChange" = Field(
        alias="stopEncoderChange"
    )


class StopEncoderChangeStopEncoderChange(BaseModel):
    encoder_change: Optional["StopEncoderChangeStopEncoderChangeEncoderChange"] = Field(
        alias="encoderChange"
    )
    errors: list["StopEncoderChangeStopEncoderChangeErrors"]


StopEncoderChangeStopEncoderChangeEncoderChange = EncoderChangeFields
StopEncoderChangeStopEncoderChangeErrors = ErrorFields
