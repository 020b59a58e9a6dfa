from .base_model import BaseModel
from .fragments import EncoderFields


class ListEncoders(BaseModel):
    encoders: list["ListEncodersEncoders"]


ListEncodersEncoders = EncoderFields
