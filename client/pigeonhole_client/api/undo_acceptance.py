from pydantic import Field

from .base_model import BaseModel
from .fragments import ErrorFields


class UndoAcceptance(BaseModel):
    undo_acceptance: "UndoAcceptanceUndoAcceptance" = Field(alias="undoAcceptance")


class UndoAcceptanceUndoAcceptance(BaseModel):
    cleared_count: int = Field(alias="clearedCount")
    has_more: bool = Field(alias="hasMore")
    errors: list["UndoAcceptanceUndoAcceptanceErrors"]


UndoAcceptanceUndoAcceptanceErrors = ErrorFields
