from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields, SampleFields


class GiveFeedback(BaseModel):
    give_feedback: "GiveFeedbackGiveFeedback" = Field(alias="giveFeedback")


class GiveFeedbackGiveFeedback(BaseModel):
    sample: Optional["GiveFeedbackGiveFeedbackSample"]
    errors: list["GiveFeedbackGiveFeedbackErrors"]


GiveFeedbackGiveFeedbackSample = SampleFields
GiveFeedbackGiveFeedbackErrors = ErrorFields
