"""Exports of annotation tools: Label Studio, COCO, CVAT and Roboflow.

Each function yields records for `pigeonhole_client.files.tables`. An image with several labels
gets no label, but a `PROBLEM`.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

Record = Mapping[str, Any]

COCO_KEYS = ("images", "annotations", "categories")
PROBLEM = "\0problem"
"""Key of why an image cannot be imported; no column of a table is called so."""
CLASSES = "_classes.csv"
"""Roboflow's table with a column for each label, which is 1 where it applies."""


def is_table_of_folder(path: PurePosixPath) -> bool:
    """Return whether a file describes the images in its folder, by the names that tools use."""
    return path.name in ("annotations.xml", "_annotations.coco.json", CLASSES) or (
        path.parent.name == "annotations" and path.match("instances*.json")
    )


def label_studio(tasks: Iterable[Record]) -> Iterator[Record]:
    """Yield tasks with an image and a choice, the first one that was not cancelled.

    Source: https://labelstud.io/guide/export#Label-Studio-JSON-format-of-annotated-tasks
    """
    for task in tasks:
        if "data" not in task:
            yield task  # a plain list of objects with columns
            continue
        choices = [
            choice
            for annotation in task.get("annotations") or []
            if not annotation.get("was_cancelled")
            for result in annotation.get("result") or []
            for choice in result.get("value", {}).get("choices") or []
        ]
        image = next((v for v in task["data"].values() if isinstance(v, str)), None)
        yield {"path": image, "label": choices[0] if choices else None, "id": task.get("id")}


def coco(said: Record) -> Iterator[Record]:
    """Yield the images of a COCO file, each with its category.

    Source: https://cocodataset.org/#format-data
    """
    names = {category["id"]: str(category["name"]) for category in said["categories"]}
    labels: dict[Any, list[str]] = {}
    for annotation in said["annotations"]:
        name = names.get(annotation["category_id"])
        if name is not None:
            labels.setdefault(annotation["image_id"], []).append(name)
    for image in said["images"]:
        yield {"file_name": image["file_name"], **_one_of(labels.get(image["id"], []))}


def cvat(data: bytes) -> Iterator[Record]:
    """Yield the images of "CVAT for images" with their tags.

    Source: https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/

    Raises:
        ValueError: The file has another format.
    """
    try:
        root = ElementTree.parse(io.BytesIO(data)).getroot()
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML: {error}") from None
    if root.tag != "annotations":
        raise ValueError("no annotations of CVAT for images")
    for image in root.iter("image"):
        tags = [tag.get("label", "") for tag in image.iter("tag")]
        yield {"file_name": image.get("name", ""), **_one_of(tags)}


def classes(rows: Iterable[Record]) -> Iterator[Record]:
    """Yield the images of Roboflow's `_classes.csv`."""
    for row in rows:
        values = {str(key).strip(): str(value).strip() for key, value in row.items()}
        labels = [name for name, value in values.items() if value == "1" and name != "filename"]
        yield {"file_name": values.get("filename", ""), **_one_of(labels)}


def _one_of(labels: list[str]) -> Record:
    different = list(dict.fromkeys(labels))
    if len(different) > 1:
        return {PROBLEM: f"it has several labels: {', '.join(different)}"}
    return {"label": different[0] if different else None}
