"""Files of a model hub: fetched in pieces that survive a broken transfer, and checked.

A file that is whole lies in the cache of the hub's own tools, by their layout, which others read
too. One that is not lies beside it as ``ETAG.SIZE.part`` and is continued by the next fetch, in
whatever process; so a half file is never taken for a whole one.
"""

import hashlib
import os
import re
import shutil
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urljoin

import filelock
import httpx
import huggingface_hub

READ_S = 10.0
"""Seconds of silence after which a transfer counts as broken."""
TRIES, RETRY_S = 5, 1.0
"""Attempts in a row that may bring nothing, and the seconds between two."""
REDIRECTS = 5
HEADERS = {"Accept-Encoding": "identity", "User-Agent": "pigeonhole"}

Report = Callable[[int, int], None]
"""Called with the bytes that are there, and with those of the whole file."""


@dataclass(frozen=True)
class Remote:
    """A file as the hub describes it."""

    repository: str
    file: str
    url: str
    commit: str  # 40 hexadecimal digits
    etag: str  # SHA-256 of a large file, git's SHA-1 of a small one
    size: int

    @property
    def folder(self) -> Path:
        """The folder of the repository in the cache."""
        return folder_of(self.repository)

    @property
    def part(self) -> Path:
        """Where the file is until it is whole."""
        return self.folder / "blobs" / f"{self.etag}.{self.size}.part"


def cache_folder() -> Path:
    """Return the folder of all that was fetched; `HF_HOME` and others say where it is."""
    return Path(huggingface_hub.constants.HF_HUB_CACHE)


def folder_of(repository: str) -> Path:
    """Return the folder of a repository in the cache."""
    return cache_folder() / "--".join(("models", *repository.split("/")))


def cached(repository: str, file: str, revision: str | None = None) -> Path | None:
    """Return a whole file of the cache, without any request."""
    found = huggingface_hub.try_to_load_from_cache(repository, file, revision=revision)
    return Path(found) if isinstance(found, str) else None


def look_up(
    repository: str, file: str, revision: str | None = None, *, timeout_s: float = READ_S
) -> Remote:
    """Ask the hub for a file's version, checksum and size.

    `HF_ENDPOINT`, `HF_TOKEN` and the usual variables for proxies are honoured.

    Raises:
        FileNotFoundError: The hub has no such file.
        OSError: The hub does not answer as one.
    """
    url = huggingface_hub.hf_hub_url(repository, file, revision=revision)
    with _asking(url), _client(timeout_s) as client:
        answer = client.head(url)
        for _ in range(REDIRECTS):  # of a mirror, or a renamed repository; not to where files lie
            if not answer.has_redirect_location or "X-Repo-Commit" in answer.headers:
                break
            answer = client.head(urljoin(str(answer.url), answer.headers["Location"]))
    if answer.status_code == 404:
        raise FileNotFoundError(f"{url}: the model hub has no such file.")
    if answer.status_code in (401, 403):
        raise PermissionError(f"{url}: the model hub refuses; set HF_TOKEN to a token that may.")
    if answer.status_code >= 400:
        raise OSError(f"{url}: the model hub answers with status {answer.status_code}.")
    told = answer.headers
    etag = told.get("X-Linked-Etag", told.get("ETag", "")).removeprefix("W/").strip('"')
    size = told.get("X-Linked-Size") or (
        "" if answer.has_redirect_location else told.get("Content-Length", "")
    )
    commit = told.get("X-Repo-Commit", "")
    known = re.fullmatch("[0-9a-f]{40}", commit) and re.fullmatch(r"[\w-]{8,128}", etag)
    if not known or not size.isdigit():
        raise OSError(f"{url}: what answers is no model hub; check HF_ENDPOINT and proxies.")
    return Remote(repository, file, url, commit, etag, int(size))


def fetch(
    remote: Remote,
    *,
    sha256: str | None = None,
    deadline: float = float("inf"),
    report: Report = lambda done, total: None,
) -> Path:
    """Fetch a file into the cache, check it, and return its path.

    If another process is fetching it, this waits for that.

    Args:
        remote: The file.
        sha256: Its SHA-256, if known; otherwise what the hub says is checked.
        deadline: When to give up, in the seconds of `time.monotonic`; what came is kept.
        report: Told of progress.

    Raises:
        OSError: It cannot be fetched in time, or is not the file that it should be.
    """
    if sha256 is not None and len(remote.etag) == 64 and remote.etag != sha256:
        raise OSError(
            f"{remote.url} is not the expected file: its SHA-256 is {remote.etag}, not {sha256}."
        )
    remote.part.parent.mkdir(parents=True, exist_ok=True)
    blob = remote.part.with_name(remote.etag)
    with _alone(remote.part, deadline):
        if not blob.exists():
            _transfer(remote, deadline, report)
            _check(remote, sha256)
            remote.part.replace(blob)
        return _point(remote, blob)


def progress(repository: str) -> tuple[int, int] | None:
    """Return the bytes there and in all of a file that a process of this machine fetches now."""
    for part in sorted(folder_of(repository).glob("blobs/*.part")):
        try:
            with filelock.FileLock(f"{part}.lock", timeout=0):
                continue
        except filelock.Timeout:
            return part.stat().st_size, int(part.name.split(".")[-2])
    return None


def _client(timeout_s: float) -> httpx.Client:
    token = huggingface_hub.get_token()
    headers = HEADERS | ({"Authorization": f"Bearer {token}"} if token else {})
    return httpx.Client(timeout=timeout_s, headers=headers, verify=_trusted())


@cache
def _trusted() -> ssl.SSLContext:
    """Return who is trusted; to read it takes longer than a request."""
    return httpx.create_ssl_context()


@contextmanager
def _alone(part: Path, deadline: float) -> Iterator[None]:
    wait_s = deadline - time.monotonic()
    try:
        lock = filelock.FileLock(f"{part}.lock").acquire(
            timeout=-1 if wait_s == float("inf") else max(0.0, wait_s)
        )
    except filelock.Timeout:
        raise TimeoutError(f"{part}: another process is still fetching it.") from None
    with lock:
        yield


@contextmanager
def _asking(url: str) -> Iterator[None]:
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ConnectionError(f"{url}: {error or type(error).__name__}") from error


def _transfer(remote: Remote, deadline: float, report: Report) -> None:
    """Bring the part to its whole size; each attempt continues where the one before ended."""
    part, fruitless = remote.part, 0
    part.touch()
    _require_room(remote)
    while (before := part.stat().st_size) < remote.size:
        if time.monotonic() > deadline:
            raise _late(remote)
        try:
            with _asking(remote.url):
                _attempt(remote, before, deadline, report)
        except ConnectionError:
            fruitless = 0 if part.stat().st_size > before else fruitless + 1
            if fruitless >= TRIES:
                raise
            time.sleep(min(RETRY_S, max(0.0, deadline - time.monotonic())))


def _attempt(remote: Remote, start: int, deadline: float, report: Report) -> None:
    headers = {"Range": f"bytes={start}-"} if start else {}
    with (
        _client(READ_S) as client,
        client.stream("GET", remote.url, headers=headers, follow_redirects=True) as answer,
        remote.part.open("r+b") as file,
    ):
        if answer.status_code not in (200, 206):
            raise ConnectionError(f"{remote.url}: status {answer.status_code}.")
        if answer.status_code == 206 and start:
            file.seek(start)
        else:  # it sends all, whatever was asked for
            start = 0
            file.truncate(0)
        for piece in answer.iter_raw():
            start += len(piece)
            if start > remote.size:
                file.truncate(0)
                raise OSError(f"{remote.url} is longer than the {remote.size} bytes announced.")
            file.write(piece)
            report(start, remote.size)
            if time.monotonic() > deadline:
                raise _late(remote)
    if start < remote.size:
        raise ConnectionError(f"{remote.url} ended after {start} of {remote.size} bytes.")


def _require_room(remote: Remote) -> None:
    missing = remote.size - remote.part.stat().st_size
    free = shutil.disk_usage(remote.part.parent).free
    if free < missing:
        raise OSError(f"{remote.part.parent} has room for {free} bytes, and {missing} are needed.")


def _check(remote: Remote, sha256: str | None) -> None:
    """Compare a whole file with its checksum; drop it if it is another."""
    kinds = {64: hashlib.sha256(), 40: hashlib.sha1(f"blob {remote.size}\0".encode())}
    expected = sha256 or remote.etag
    digest = kinds.get(len(expected))
    if digest is None:  # a mirror's own
        return
    with remote.part.open("rb") as file:
        while piece := file.read(2**20):
            digest.update(piece)
    if digest.hexdigest() != expected:
        remote.part.unlink()
        raise OSError(
            f"{remote.url}: what came is not the expected file: its checksum is "
            f"{digest.hexdigest()}, not {expected}."
        )


def _point(remote: Remote, blob: Path) -> Path:
    """Give a whole file its name in the snapshot of its commit, and note the newest commit."""
    path = remote.folder / "snapshots" / remote.commit / remote.file
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.unlink(missing_ok=True)  # a link that leads nowhere
        path.symlink_to(os.path.relpath(blob, path.parent))
    reference = remote.folder / "refs" / "main"
    if f"/resolve/{remote.commit}/" not in remote.url:
        reference.parent.mkdir(exist_ok=True)
        reference.write_text(remote.commit)
    return path


def _late(remote: Remote) -> TimeoutError:
    return TimeoutError(
        f"{remote.url} did not come in time; {remote.part.stat().st_size} of {remote.size} bytes "
        "are kept, and the next fetch continues there."
    )
