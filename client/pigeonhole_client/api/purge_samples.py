from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields


class PurgeSamples(BaseModel):
    purge_samples: "PurgeSamplesPurgeSamples" = Field(alias="purgeSamples")


class PurgeSamplesPurgeSamples(BaseModel):
    purged_ids: list[str] = Field(alias="purgedIds")
    errors: list["PurgeSamplesPurgeSamplesErrors"]


PurgeSamplesPurgeSamplesErrors = ErrorFields
