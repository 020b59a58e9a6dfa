"""The contents and the creation of an exported model's zip file."""

import asyncio
import json
import math
import sys
import tempfile
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np
import structlog

from pigeonhole import functions
from pigeonhole.errors import ConflictError, NotFoundError
from pigeonhole.model_export import MODEL, REFUSED
from pigeonhole.services.predictors import STRANGE, Predictor, label_ids
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Label, Sample

FORMAT = 1
COMPARED = 200
"""The most images whose answers are compared, preferring those the model did not learn from."""
LONGEST_S = 600.0
"""Seconds that the separate process may take."""
FILES = ("README.md", "predict.py", "model.json", "parity.json", MODEL)

README = """# {function}, version {version}

An image classifier trained with Pigeonhole. It needs onnxruntime, numpy and Pillow, but no network:

    pip install onnxruntime numpy pillow
    python predict.py photo.jpg

`model.json` lists the labels and how images are preprocessed. `decision` is `ACCEPT` if the
confidence is at least {accept}, so that at most {rate:.0%} of accepted answers are wrong. Below
that it is `REVIEW`, and `NONE_OF_THESE` if the image resembles none that the model learned from.
`parity.json` compares the answers of this model with the server's on {compared} images.
The encoder is {encoder}. Its weights have a licence of their own.
"""

log = structlog.get_logger(__name__)


async def make(services: Services, function_id: UUID, *, quantize: bool = False) -> IO[bytes]:
    """Return an open, unnamed zip file of a function's active model.

    A separate process writes the graph and compares answers, which takes about ten seconds.

    Args:
        services: The open services.
        function_id: The function.
        quantize: Whether weights and activations have 8 bits instead of 32.

    Raises:
        NotFoundError: The function does not exist.
        NotTrainedError: The function has no trained model yet, or too few of the model's labels
            still exist.
        ConflictError: The encoder cannot be exported, or there is no image to compare answers on.
    """
    function = await functions.get(function_id)
    predictor = await services.predictors.active(function)
    data_dir = services.settings.resolved_data_dir
    with tempfile.TemporaryDirectory(prefix="export-", dir=data_dir) as name:
        folder = Path(name)
        await _describe(services, function, predictor, folder, quantize=quantize)
        await _run(folder)
        return await asyncio.to_thread(_zipped, folder, data_dir)


async def _describe(
    services: Services, function: Function, predictor: Predictor, folder: Path, *, quantize: bool
) -> None:
    existing = await label_ids(function.id)
    kept = [index for index, label in enumerate(predictor.labels) if label in existing]
    names = {row.id: row.name for row in await Label.filter(function_id=function.id)}
    answers = await _answers(services, function, predictor, names, folder / "images")
    if not answers:
        raise ConflictError("There is no image to test the exported model on. Upload images first.")
    accept = predictor.held_out.threshold(function.max_error_rate).confidence
    model = predictor.model
    labels = [predictor.labels[index] for index in kept]
    about = {
        "format": FORMAT,
        "function": function.name,
        "version": model.version,
        "encoder": model.encoder,
        "labels": [names[label] for label in labels],
        "labelIds": [f"lb_{label.hex}" for label in labels],
        "acceptFrom": accept if math.isfinite(accept) else None,
        "maxErrorRate": function.max_error_rate,
        "strange": STRANGE,
    }
    readme = README.format(
        function=function.name,
        version=model.version,
        accept=f"{accept:.2f}",
        rate=function.max_error_rate,
        compared=len(answers),
        encoder=model.encoder,
    )
    job = {
        "encoder": function.encoder,
        "kept": kept,
        "answers": answers,
        "quantize": quantize,
    }

    def write() -> None:
        np.savez(folder / "head.npz", allow_pickle=False, **predictor.classifier.to_arrays())
        (folder / "job.json").write_text(json.dumps(job))
        (folder / "model.json").write_text(json.dumps(about))
        (folder / "README.md").write_text(readme)
        program = resources.files("pigeonhole.model_export") / "predict.py"
        (folder / "predict.py").write_bytes(program.read_bytes())

    await asyncio.to_thread(write)


async def _answers(
    services: Services,
    function: Function,
    predictor: Predictor,
    names: dict[UUID, str],
    images: Path,
) -> list[dict[str, Any]]:
    """Return the server's answers to the images to compare, and save these images."""
    encoder = await services.encoding.load(function.encoder)
    rows = Sample.filter(function_id=function.id, embedded_for=encoder.identity)
    chosen = await rows.filter(label_id=None).order_by("-id").limit(COMPARED)
    chosen += await rows.exclude(label_id=None).order_by("-id").limit(COMPARED - len(chosen))
    vectors = await services.encoding.known(encoder, [row.sha256 for row in chosen], exact=True)
    learned = predictor.held_out.samples
    await asyncio.to_thread(images.mkdir)
    found = []
    for sample in chosen:
        vector = vectors.get(sample.sha256)
        if vector is None:
            continue
        try:
            data = await services.storage.get(sample.sha256)
        except NotFoundError:  # deleted meanwhile
            continue
        [answer] = predictor.predict(
            vector[None].astype(np.float32),
            existing=frozenset(names),
            max_error_rate=function.max_error_rate,
        )
        await asyncio.to_thread((images / sample.id.hex).write_bytes, data)
        found.append(
            {
                "sample": f"sm_{sample.id.hex}",
                "file": sample.id.hex,
                "heldOut": sample.id not in learned,
                "decision": answer.decision.name,
                "confidences": {names[label]: share for label, share in answer.ranking},
            }
        )
    return found


async def _run(folder: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pigeonhole.model_export", str(folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(LONGEST_S):
            said, failed = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode == REFUSED:
        if failed:
            log.warning("export_refused", reason=failed.decode()[-1_000:])
        raise ConflictError(said.decode().strip())
    if child.returncode:
        raise RuntimeError(f"The export of a model failed: {failed.decode()[-4_000:]}")


def _zipped(folder: Path, data_dir: Path) -> IO[bytes]:
    file = tempfile.TemporaryFile(dir=data_dir)  # noqa: SIM115 - the caller closes it
    with ZipFile(file, "w", ZIP_DEFLATED) as zip:
        for name in FILES:
            kind = ZIP_STORED if name == MODEL else ZIP_DEFLATED
            zip.write(folder / name, name, kind)
    file.seek(0)
    return file


async def chunks(file: IO[bytes], size: int = 1 << 18) -> AsyncIterator[bytes]:
    """Yield the bytes of a file, ``size`` at a time, and close it."""
    with file:
        while chunk := await asyncio.to_thread(file.read, size):
            yield chunk
