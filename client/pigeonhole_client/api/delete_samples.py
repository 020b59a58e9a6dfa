from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields


class DeleteSamples(BaseModel):
    delete_samples: "DeleteSamplesDeleteSamples" = Field(alias="deleteSamples")


class DeleteSamplesDeleteSamples(BaseModel):
    deleted_sample_ids: list[str] = Field(alias="deletedSampleIds")
    deleted_samples: list["DeleteSamplesDeleteSamplesDeletedSamples"] = Field(
        alias="deletedSamples"
    )
    errors: list["DeleteSamplesDeleteSamplesErrors"]


class DeleteSamplesDeleteSamplesDeletedSamples(BaseModel):
    id: str
    sample_id: str = Field(alias="sampleId")


DeleteSamplesDeleteSamplesErrors = ErrorFields
