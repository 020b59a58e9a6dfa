"""Files of arrays that follow from packaged weights, so that a later start need not derive them."""

import hashlib
import io
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

DIGEST_BYTES = hashlib.sha256().digest_size

logger = logging.getLogger(__name__)


def kept(
    folder: Path | None, name: str, follows_from: str, compute: Callable[[], Arrays]
) -> Arrays:
    """Return arrays from their file, or compute them and write it.

    A file that is missing or damaged is written anew. One that cannot be written is computed at
    each start.

    Args:
        folder: The folder of the file. None: nothing is read or written.
        name: The beginning of the file's name. Files with this name that follow from something
            else are deleted.
        follows_from: All that the arrays depend on, in words.
        compute: Computes the arrays.
    """
    if folder is None:
        return compute()
    file = folder / f"{name}-{hashlib.sha256(follows_from.encode()).hexdigest()[:16]}.npz"
    with suppress(OSError, ValueError):
        return _read(file)
    arrays = compute()
    try:
        _write(file, arrays)
        for other in folder.glob(f"{name}-*.npz"):
            if other != file:
                other.unlink(missing_ok=True)
    except OSError as error:
        logger.info("%s is not kept, so the next start computes it again: %s", file, error)
    return arrays


def _read(file: Path) -> Arrays:
    """Return the arrays of a file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is damaged.
    """
    data = file.read_bytes()
    digest, rest = data[:DIGEST_BYTES], memoryview(data)[DIGEST_BYTES:]
    if hashlib.sha256(rest).digest() != digest:
        raise ValueError(f"{file} is damaged.")
    with np.load(io.BytesIO(rest), allow_pickle=False) as arrays:
        return dict(arrays)


def _write(file: Path, arrays: Arrays) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=file.parent, prefix=".unfinished-")
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(hashlib.sha256(buffer.getbuffer()).digest())
            opened.write(buffer.getbuffer())
        Path(unfinished).replace(file)
    except OSError:
        Path(unfinished).unlink(missing_ok=True)
        raise
