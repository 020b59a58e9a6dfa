"""Pictures' bytes by content: a local folder, or an object store."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from obstore.store import AzureStore, GCSStore, LocalStore, ObjectStore, S3Store

from pigeonhole.errors import InvalidError, NotFoundError

if TYPE_CHECKING:
    from obstore.store import RetryConfig

# obstore's own ten tries in three minutes are longer than any caller waits
RETRY: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}


class Kind(StrEnum):
    """Which bytes of a picture."""

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

    async def put(self, sha256: str, data: bytes, kind: Kind = Kind.FULL) -> None:
        """Keep a picture's bytes: wholly there when this returns, and never there in part.

        Raises:
            InvalidError: ``sha256`` is not 64 lower-case hexadecimal digits.
        """
        await self.store.put_async(_key(sha256, kind), data)

    async def get(self, sha256: str, kind: Kind = Kind.FULL) -> bytes:
        """Read a picture's bytes.

        Raises:
            InvalidError: ``sha256`` is not 64 lower-case hexadecimal digits.
            NotFoundError: They are not there.
        """
        try:
            found = await self.store.get_async(_key(sha256, kind))
        except FileNotFoundError:
            raise NotFoundError(f"There is no {kind} picture {sha256}.") from None
        return bytes(await found.bytes_async())

    async def delete(self, sha256: str, kind: Kind = Kind.FULL) -> None:
        """Forget a picture's bytes; nothing happens where they are not there.

        Raises:
            InvalidError: ``sha256`` is not 64 lower-case hexadecimal digits.
        """
        await self._delete(_key(sha256, kind))

    async def exists(self, sha256: str, kind: Kind = Kind.FULL) -> bool:
        """Whether a picture's bytes are there.

        Raises:
            InvalidError: ``sha256`` is not 64 lower-case hexadecimal digits.
        """
        try:
            await self.store.head_async(_key(sha256, kind))
        except FileNotFoundError:
            return False
        return True

    async def check(self) -> None:
        """Write, read and delete a probe; raise what the store raises where one of them fails."""
        key, probe = f"check/{uuid4().hex}", b"pigeonhole"
        await self.store.put_async(key, probe)
        found = await self.store.get_async(key)
        if bytes(await found.bytes_async()) != probe:
            raise OSError("The storage gave back other bytes than were written.")
        await self._delete(key)

    async def _delete(self, key: str) -> None:
        try:
            await self.store.delete_async(key)
        except FileNotFoundError:
            return  # a folder says so, an object store does not


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
            return Storage(LocalStore(Path(unquote(parts.path)), mkdir=True))
        case "s3":
            return Storage(S3Store.from_url(url, retry_config=RETRY))
        case "gs":
            return Storage(GCSStore.from_url(url, retry_config=RETRY))
        case "az":
            return Storage(AzureStore.from_url(url, retry_config=RETRY))
    raise ValueError(f"{url!r} is not a storage: use file:///PATH, s3://, gs:// or az://.")


def _key(sha256: str, kind: Kind) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise InvalidError("A picture is named by 64 hexadecimal digits.")
    return f"{kind}/{sha256[:2]}/{sha256}"
