"""Settings and labels of an exported function, set again."""

from typing import Any

from pigeonhole_client.api.input_types import (
    CaptureSettingsInput,
    CreateLabelInput,
    UpdateFunctionInput,
    UpdateLabelInput,
)
from pigeonhole_client.api.list_labels import ListLabelsFunctionLabels
from pigeonhole_client.files.exported import Exported
from pigeonhole_client.pages import PAGE, nodes
from pigeonhole_client.payloads import check
from pigeonhole_client.transport import Transport

SETTINGS = ("description", "autoTrain", "learnsFromUnlabelled", "maxErrorRate")
"""Settings that are set; who may use a function, and its encoder, stay as they are."""


async def restore(
    api: Transport, function_id: str, exported: Exported, *, create_labels: bool, settings: bool
) -> None:
    """Create the labels of an export, and set its settings and descriptions if asked to.

    Raises:
        ApiError: The server refuses a value.
    """
    if settings:
        given: dict[str, Any] = {
            name: exported.settings[name] for name in SETTINGS if name in exported.settings
        }
        if isinstance(capture := exported.settings.get("capture"), dict):
            given["capture"] = CaptureSettingsInput.model_validate(capture)
        check((await api.update_function(UpdateFunctionInput(id=function_id, **given))).errors)

    async def ask(after: str | None) -> ListLabelsFunctionLabels | None:
        found = await api.list_labels(function_id, first=PAGE, after=after)
        return found.labels if found else None

    there = {label.name: label async for label in nodes(ask)}
    for label in exported.labels:
        known = there.get(label["name"])
        about = {key: label.get(key) for key in ("description", "metadata")}
        if known is None and create_labels:
            made = await api.create_label(
                CreateLabelInput(functionId=function_id, name=label["name"], **about)
            )
            check([error for error in made.errors if error.code.value != "TAKEN"])
        elif (
            known is not None
            and settings
            and about
            != {
                "description": known.description,
                "metadata": known.metadata,
            }
        ):
            check((await api.update_label(UpdateLabelInput(id=known.id, **about))).errors)
