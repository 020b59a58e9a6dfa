"""Storage of images by content: a local folder or an object store."""

import asyncio
import errno
import os
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from obstore.exceptions import GenericError
from obstore.store import AzureStore, GCSStore, LocalStore, ObjectStore, S3Store

from pigeonhole.errors import InvalidError, NotFoundError
from pigeonhole.services.reserve import Reserve

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

# obstore's default of ten attempts in three minutes is longer than any caller waits.
RETRY: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}

OVER_HTTP: "ClientConfig" = {"allow_http": True}  # of an endpoint whose URL says so


class Kind(StrEnum):
    """The kinds of bytes stored for an image."""

    FULL = "full"  # as uploaded
    THUMBNAIL = "thumbnail"  # WebP, see images.thumbnail


@dataclass(frozen=True)
class Storage:
    """Blobs named by the SHA-256 of the picture that they belong to.

    A blob's name fixes its content, so writing one again changes nothing and whatever is read may
    be cached for ever. A store that does not answer raises ``obstore.exceptions.BaseError`` or
    ``OSError``.
    """

    store: ObjectStore
    folder: Path | None = None
    """The folder of a local store, whose writes are synced before they are acknowledged."""
    reserve: Reserve | None = None
    """The reserve of the data folder that holds the store: no image may use it up."""

    async def put(self, sha256: str, data: bytes, kind: Kind = Kind.FULL) -> None:
        """Store the bytes of an image atomically; they survive a power cut once this returns.

        Raises:
            InvalidError: ``sha256`` is not 64 lower-case hexadecimal digits.
        """
        key = _key(sha256, kind)
        if self.folder is None:
            await self.store.put_async(key, data)
        else:
            try:
                await asyncio.to_thread(self._write, self.folder, key, data)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise
                # Raised as by obstore: the folder is missing, read-only or broken, which may pass.
                raise GenericError(f"Local storage cannot be written: {error}") from error

    async def get(self, sha256: str, kind: Kind = Kind.FULL) -> bytes:
        """Return the bytes of an image.

        Raises:
            InvalidError: ``sha256`` is not 64 lower-case hexadecimal digits.
            NotFoundError: They are not stored.
        """
        try:
            found = await self.store.get_async(_key(sha256, kind))
        except FileNotFoundError:
            raise NotFoundError(f"Image {sha256} not found in storage ({kind}).") from None
        return bytes(await found.bytes_async())

    async def delete(self, sha256: str, kind: Kind = Kind.FULL) -> None:
        """Delete the bytes of an image, if stored.

        Raises:
            InvalidError: ``sha256`` is not 64 lower-case hexadecimal digits.
        """
        await self._delete(_key(sha256, kind))

    async def exists(self, sha256: str, kind: Kind = Kind.FULL) -> bool:
        """Return whether the bytes of an image are stored.

        Raises:
            InvalidError: ``sha256`` is not 64 lower-case hexadecimal digits.
        """
        try:
            await self.store.head_async(_key(sha256, kind))
        except FileNotFoundError:
            return False
        return True

    async def names(self, kind: Kind, prefix: str) -> set[str]:
        """Return the images whose SHA-256 begins with two hexadecimal digits."""
        found: set[str] = set()
        async for listed in self.store.list(f"{kind}/{prefix}"):
            found.update(entry["path"].rpartition("/")[2] for entry in listed)
        return {name for name in found if re.fullmatch(r"[0-9a-f]{64}", name)}

    async def check(self) -> None:
        """Write, read and delete a test object; raise the store's error if one of these fails."""
        key, probe = f"check/{uuid4().hex}", b"pigeonhole"
        try:
            await self.store.put_async(key, probe)
            found = await self.store.get_async(key)
            if bytes(await found.bytes_async()) != probe:
                raise OSError("The storage returned different bytes than were written.")
        finally:  # also if the caller has stopped waiting
            await asyncio.shield(self._delete(key))

    def _write(self, folder: Path, key: str, data: bytes) -> None:
        if self.reserve is not None:
            self.reserve.check()
        _write(folder, key, data)

    async def _delete(self, key: str) -> None:
        try:
            await self.store.delete_async(key)
        except FileNotFoundError:
            return  # a folder reports this, but an object store does not


def open_storage(url: str) -> Storage:
    """Open the storage at ``file:///PATH``, ``s3://``, ``gs://`` or ``az://``.

    The path of an object store's URL is a prefix of every key. Credentials, region and endpoint
    come from the environment under the names that each vendor's tools use (``AWS_*``,
    ``GOOGLE_*``, ``AZURE_*``). A local folder is made where it is missing.

    Raises:
        ValueError: The URL is none of these.

    Source: https://developmentseed.org/obstore/latest/authentication/
    """
    parts = urlsplit(url)
    match parts.scheme:
        case "file" if not parts.netloc:
            folder = Path(unquote(parts.path))
            missing = [each for each in (folder, *folder.parents) if not each.exists()]
            store = LocalStore(folder, mkdir=True)
            for each in missing:
                _sync(each.parent)  # otherwise a power cut could lose the folder and its contents
            return Storage(store, folder)
        case "s3":
            return Storage(S3Store.from_url(url, client_options=OVER_HTTP, retry_config=RETRY))
        case "gs":
            return Storage(GCSStore.from_url(url, retry_config=RETRY))
        case "az":
            return Storage(AzureStore.from_url(url, retry_config=RETRY))
    raise ValueError(f"{url!r} is not a storage URL. Use file:///PATH, s3://, gs:// or az://.")


def open_source(url: str) -> ObjectStore:
    """Open a bucket or folder to read images of others from; as ``open_storage``.

    Raises:
        ValueError: The URL is none of a storage, or of a folder that does not exist.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and not Path(unquote(parts.path)).is_dir():
        raise ValueError(f"{url} is not a folder.")
    return open_storage(url).store


def _write(root: Path, key: str, data: bytes) -> None:
    """Write a file atomically, and sync it and its name to the disk.

    An existing file is written again, because its writer may not have synced it yet. A missing
    store folder is not created, so that nothing is written below an empty mount point.

    Source: https://man7.org/linux/man-pages/man2/fsync.2.html
    """
    path = root / key
    for folder in (path.parent.parent, path.parent):
        if not folder.is_dir():
            folder.mkdir(exist_ok=True)
        _sync(folder.parent)  # also if another process has created it but not synced it yet
    # obstore gives unfinished files names of this form too, and does not list them.
    unfinished = path.with_name(f"{path.name}#{uuid4().int}")
    try:
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Sync the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _key(sha256: str, kind: Kind) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise InvalidError("Image name must have 64 hexadecimal digits.")
    return f"{kind}/{sha256[:2]}/{sha256}"
