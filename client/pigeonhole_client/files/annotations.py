"""Exports of other tools: Label Studio, COCO, CVAT, Roboflow, Custom Vision and Nyckel.

Each function yields records for `pigeonhole_client.files.tables`. An image with several labels
gets no label, but a `PROBLEM`.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import unquote
from xml.etree import ElementTree

Record = Mapping[str, Any]

COCO_KEYS = ("images", "annotations", "categories")
PROBLEM = "\0problem"
"""Key of why an image cannot be imported; no column of a table is called so."""
CUSTOM_VISION = ("originalImageUri", "resizedImageUri", "imageUri")
"""Keys of an image's URL, the best one first; the last one is that of version 2 of the API."""
LOCAL_FILES = "/data/local-files/?d="
"""Prefix of a path in Label Studio's local storage."""
CLASSES = "_classes.csv"
"""Roboflow's table with a column for each label, which is 1 where it applies."""


def is_table_of_folder(path: PurePosixPath) -> bool:
    """Return whether a file describes the images in its folder, by the names that tools use."""
    return path.name in ("annotations.xml", "_annotations.coco.json", CLASSES) or (
        path.parent.name == "annotations" and path.match("instances*.json")
    )


def objects(records: Iterable[Record]) -> Iterator[Record]:
    """Yield the images of a list of objects, in the format that their keys tell."""
    for record in records:
        if isinstance(record.get("data"), Mapping):
            yield _label_studio(record)
        elif isinstance(record.get("data"), str):
            yield _nyckel(record)
        elif any(key in record for key in CUSTOM_VISION):
            yield _custom_vision(record)
        else:
            yield record  # columns, as in a table


def _label_studio(task: Record) -> Record:
    """Return a task's image and the choice of its first annotation that was not cancelled.

    Source: https://labelstud.io/guide/export#Label-Studio-JSON-format-of-annotated-tasks
    """
    choices = (
        [
            choice
            for result in annotation.get("result") or []
            for choice in result.get("value", {}).get("choices") or []
        ]
        for annotation in task.get("annotations") or []
        if not annotation.get("was_cancelled")
    )
    chosen = next(filter(None, choices), [])
    image = next((v for v in task["data"].values() if isinstance(v, str)), None)
    if image is not None and image.startswith(LOCAL_FILES):
        image = "/" + unquote(image.removeprefix(LOCAL_FILES))
    return {"path": image, "id": task.get("id"), **_one_of(chosen)}


def _custom_vision(image: Record) -> Record:
    """Return an image of Azure Custom Vision's `GetTaggedImages` or `GetImages`.

    Source: https://learn.microsoft.com/rest/api/customvision/get-tagged-images/get-tagged-images
    """
    url = next(image[key] for key in CUSTOM_VISION if key in image)
    tags = [str(tag.get("tagName")) for tag in image.get("tags") or []]
    return {"url": url, "id": image.get("id"), **_one_of(tags)}


def _nyckel(sample: Record) -> Record:
    """Return a sample as Nyckel's API lists it, whose image is a URL or a data URI.

    Source: https://www.nyckel.com/docs, "Samples"
    """
    annotation = sample.get("annotation")
    label = annotation.get("labelName") if isinstance(annotation, Mapping) else None
    id = sample.get("externalId") or sample.get("id")
    return {"url": sample["data"], "label": label, "external_id": id}


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


def cvat(file: IO[bytes]) -> Iterator[Record]:
    """Yield the images of "CVAT for images" with their tags.

    Source: https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/

    Raises:
        ValueError: The file has another format.
    """
    try:
        parts = ElementTree.iterparse(file, ("start", "end"))
        _, root = next(parts)
        if root.tag != "annotations":
            raise ValueError("no annotations of CVAT for images")
        for event, image in parts:
            if event == "end" and image.tag == "image":
                tags = [tag.get("label", "") for tag in image.iter("tag")]
                yield {"file_name": image.get("name", ""), **_one_of(tags)}
                root.clear()
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML: {error}") from None


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
