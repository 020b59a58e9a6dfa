"""Pillow's own test images, many of which are damaged on purpose.

They are only in Pillow's source distribution, which is downloaded once and cached.
"""

import os
import subprocess
import sys
import tarfile
from pathlib import Path, PurePosixPath

import PIL

FETCH_S = 240


def fetch() -> Path:
    """Return the source distribution of the installed Pillow, from the cache or from pip's index.

    The cache is ``$PIGEONHOLE_TEST_CACHE``, else ``pigeonhole-tests`` in the user's cache folder.

    Raises:
        RuntimeError: It cannot be downloaded; the message is the last line of pip's output.
    """
    folder = Path(os.environ.get("PIGEONHOLE_TEST_CACHE") or _user_cache() / "pigeonhole-tests")
    found = folder / f"pillow-{PIL.__version__}.tar.gz"
    if found.is_file():
        return found
    own = (
        folder / f"fetch-{os.getpid()}"
    )  # renamed when complete: several test processes may download it
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    wanted = ["--no-deps", "--no-binary", "pillow", f"pillow=={PIL.__version__}"]
    try:
        subprocess.run(
            [*pip, "--retries", "1", "--dest", str(own), *wanted],
            check=True,
            capture_output=True,
            text=True,
            timeout=FETCH_S,
        )
    except subprocess.CalledProcessError as error:
        raise RuntimeError(error.stderr.strip().rpartition("\n")[2]) from None
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"pip took more than {FETCH_S} s") from None
    (own / found.name).replace(found)
    own.rmdir()
    return found


def read(sdist: Path) -> dict[str, bytes]:
    """Return every file under ``Tests/images``, by its path below that folder."""
    files = {}
    with tarfile.open(sdist) as archive:
        for member in archive:
            parts = PurePosixPath(member.name).parts
            if member.isfile() and parts[1:3] == ("Tests", "images"):
                opened = archive.extractfile(member)
                assert opened is not None
                files["/".join(parts[3:])] = opened.read()
    return files


def _user_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ["LOCALAPPDATA"])
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
