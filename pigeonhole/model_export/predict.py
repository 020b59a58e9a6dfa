"""Classify images with a model exported from Pigeonhole: python predict.py IMAGE...

It needs onnxruntime, numpy and Pillow, and for HEIC images also pillow-heif. The files model.onnx
and model.json must be in the same folder.
"""

import io
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image, ImageCms, ImageOps

HERE = Path(__file__).parent


class Model:
    """An exported model."""

    def __init__(self, folder: Path = HERE) -> None:
        self.about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        self._session = onnxruntime.InferenceSession(
            folder / "model.onnx", providers=["CPUExecutionProvider"]
        )

    def __call__(self, image: Path) -> dict[str, Any]:
        """Return the label, its confidence (0 to 1), the decision, and all labels, best first."""
        pixels = preprocess(image, **self.about["preprocessing"])
        confidences, strangeness = self._session.run(None, {"pixels": pixels})
        order = np.argsort(-confidences[0], kind="stable")
        labels = self.about["labels"]
        ranking = [[labels[index], float(confidences[0][index])] for index in order]
        label, confidence = ranking[0]
        least = self.about["acceptFrom"]
        decision = "REVIEW" if least is None or confidence < least else "ACCEPT"
        if strangeness[0] <= self.about["strange"]:
            decision = "NONE_OF_THESE"
        return {"label": label, "confidence": confidence, "decision": decision, "ranking": ranking}


def preprocess(
    file: Path, *, resize: int, squash: bool, interpolation: str, crop: int,
    longest: int, beyond: int, most: int, fill: int | None = None,
) -> "np.ndarray[Any, np.dtype[np.uint8]]":  # fmt: skip
    """Return the parts of an image that the model sees, (parts, crop, crop, 3), uint8.

    The image is rotated upright, converted to sRGB and put on white. If its sides differ by more
    than ``beyond`` to 1, there are up to ``most`` parts: squares from end to end. Otherwise there
    is one part, the centre. With ``fill``, the longest side is resized, and the rest is that grey.
    """
    with Image.open(file) as image:
        width, height = image.size
        if image.format == "JPEG":
            # This decodes a large image faster, at no less than twice the size needed.
            image.draft(None, (2 * resize, 2 * resize))
        if image.getexif().get(0x0112, 1) >= 5 and image.format != "TIFF":  # stored on its side
            width, height = height, width
        rgb = to_srgb(ImageOps.exif_transpose(image))
    if squash or fill is not None:
        short = longest * min(rgb.size)
        cut = (min(rgb.width, short), min(rgb.height, short))
        left, top = (rgb.width - cut[0]) // 2, (rgb.height - cut[1]) // 2
        rgb = rgb.crop((left, top, left + cut[0], top + cut[1]))
        ratio = max(rgb.size) / resize
        kept = round(rgb.width / ratio), round(rgb.height / ratio)
        small = rgb.resize(
            (resize, resize) if squash else kept, Image.Resampling[interpolation.upper()]
        )
        whole = Image.new("RGB", (crop, crop), (fill or 0,) * 3)
        whole.paste(small, ((crop - small.width) // 2, (crop - small.height) // 2))
        return np.asarray(whole)[None]
    if max(width, height) > beyond * min(width, height):
        share = min(width, height) / max(width, height)
        count = min(most, math.ceil(max(width, height) / min(width, height)))
        starts = [index * (1 - share) / (count - 1) for index in range(count)]
        parts = [square(rgb, start, wide=width >= height) for start in starts]
    else:
        parts = [rgb]
    return np.stack([np.asarray(resized(part, resize, crop, interpolation)) for part in parts])


def square(image: Image.Image, start: float, *, wide: bool) -> Image.Image:
    """Return the square of an image that starts at the share ``start`` of its longest side."""
    side = min(image.size)
    left = min(round(start * image.width), image.width - side) if wide else 0
    top = 0 if wide else min(round(start * image.height), image.height - side)
    return image.crop((left, top, left + side, top + side))


def resized(image: Image.Image, size: int, crop: int, interpolation: str) -> Image.Image:
    """Return the central square of an image, after its shortest side is resized to ``size``."""
    width, height = image.size
    scale = size / min(width, height)
    shape = (size, int(scale * height)) if width <= height else (int(scale * width), size)
    image = image.resize(shape, Image.Resampling[interpolation.upper()])
    left, top = round((image.width - crop) / 2), round((image.height - crop) / 2)
    return image.crop((left, top, left + crop, top + crop))


def to_srgb(image: Image.Image) -> Image.Image:
    """Return an image of any mode as RGB in sRGB, on a white background."""
    if image.mode.startswith("I"):  # 16 bits
        deep = np.asarray(image)
        image = Image.fromarray(np.round(deep / 257).clip(0, 255).astype(np.uint8))
    clear, profile = image.has_transparency_data, image.info.get("icc_profile")
    output = "RGBA" if clear else "RGB"
    has_colors = (profile or b"")[16:20] == b"RGB "
    if clear or image.mode not in (("RGB", "CMYK") if has_colors else ("RGB", "L", "CMYK")):
        image = image.convert(output)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))
        if "sRGB" not in ImageCms.getProfileDescription(source):
            srgb = ImageCms.createProfile("sRGB")
            image = ImageCms.buildTransform(source, srgb, image.mode, output).apply(image)
    except (ImageCms.PyCMSError, OSError):
        pass  # the image has no usable profile
    if clear:
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        image = white
    return image.convert("RGB")


if __name__ == "__main__":
    try:
        import pillow_heif

        pillow_heif.register_heif_opener()
    except ImportError:
        pass
    model = Model()
    for name in sys.argv[1:]:
        sys.stdout.write(json.dumps({"file": name, **model(Path(name))}, ensure_ascii=False) + "\n")
