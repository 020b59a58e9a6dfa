"""The labels and images that a function already has."""

from dataclasses import dataclass

from pigeonhole_client.api.list_images import ListImagesFunctionSamples
from pigeonhole_client.api.list_label_names import ListLabelNamesFunctionLabels
from pigeonhole_client.pages import PAGE, nodes
from pigeonhole_client.transport import Transport


@dataclass(frozen=True)
class Present:
    """A sample that the function has; ``id`` is empty until the server has returned it."""

    id: str
    label: str | None
    external_id: str | None


async def label_names(api: Transport, function_id: str) -> list[str]:
    """Return the names of a function's labels."""

    async def ask(after: str | None) -> ListLabelNamesFunctionLabels | None:
        found = await api.list_label_names(function_id, first=PAGE, after=after)
        return found.labels if found else None

    return [node.name async for node in nodes(ask)]


async def images_of(api: Transport, function_id: str) -> dict[str, Present]:
    """Return the samples of a function, by their images' SHA-256."""

    async def ask(after: str | None) -> ListImagesFunctionSamples | None:
        found = await api.list_images(function_id, first=PAGE, after=after)
        return found.samples if found else None

    return {
        node.image.sha_256: Present(
            node.id,
            node.annotation.label.name if node.annotation else None,
            node.external_id,
        )
        async for node in nodes(ask)
    }
