"""Storage behaves the same on a local folder and on S3."""

import asyncio
import errno
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer
from obstore.exceptions import BaseError

from pigeonhole.deployment.cli import _require
from pigeonhole.errors import InvalidError, NotFoundError
from pigeonhole.services import database
from pigeonhole.services.refusals import refusal_of
from pigeonhole.services.storage import Kind, Storage, open_storage
from pigeonhole.settings import OperatorError, read_settings

DATA = b"bytes of a picture"
KEY = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server with the bucket ``pictures``."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    ).create_bucket(Bucket="pictures")
    yield address
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A separate storage for each test."""
    if request.param == "folder":
        return (tmp_path / "blobs of mine").as_uri()
    monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("s3"))
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return f"s3://pictures/{tmp_path.name}"


def test_stored_bytes_can_be_read_back_unchanged(url: str) -> None:
    async def scenario() -> None:
        storage = open_storage(url)
        assert not await storage.exists(KEY)

        await storage.put(KEY, DATA)

        assert await storage.exists(KEY)
        assert await storage.get(KEY) == DATA
        assert await open_storage(url).get(KEY) == DATA

    asyncio.run(scenario())


def test_a_thumbnail_is_stored_beside_the_full_picture(url: str) -> None:
    async def scenario() -> None:
        storage = open_storage(url)
        await storage.put(KEY, DATA, Kind.FULL)
        await storage.put(KEY, b"small", Kind.THUMBNAIL)

        await storage.delete(KEY, Kind.FULL)

        assert await storage.get(KEY, Kind.THUMBNAIL) == b"small"
        assert not await storage.exists(KEY, Kind.FULL)

    asyncio.run(scenario())


def test_putting_again_changes_nothing(url: str) -> None:
    async def scenario() -> None:
        storage = open_storage(url)
        await asyncio.gather(*(storage.put(KEY, DATA) for _ in range(5)))

        assert await storage.get(KEY) == DATA

    asyncio.run(scenario())


def test_a_missing_picture_is_not_found_and_deleting_it_is_no_error(url: str) -> None:
    async def scenario() -> None:
        storage = open_storage(url)
        await storage.delete(KEY)

        with pytest.raises(NotFoundError, match=r"not found in storage \(full\)"):
            await storage.get(KEY)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "key", ["", "a" * 63, "a" * 65, "A" * 64, "../" + "a" * 61, "a" * 64 + "\n", "g" * 64]
)
def test_a_key_that_is_no_sha256_is_refused(tmp_path: Path, key: str) -> None:
    async def scenario() -> None:
        storage = open_storage(tmp_path.as_uri())
        for call in (
            storage.put(key, DATA),
            storage.get(key),
            storage.exists(key),
            storage.delete(key),
        ):
            with pytest.raises(InvalidError):
                await call

    asyncio.run(scenario())
    assert list(tmp_path.iterdir()) == []


def test_the_check_passes_and_leaves_nothing_behind(tmp_path: Path) -> None:
    storage = open_storage(tmp_path.as_uri())

    asyncio.run(storage.check())

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_check_passes_on_an_object_store(url: str) -> None:
    asyncio.run(open_storage(url).check())


def test_the_check_fails_if_nothing_can_be_written(tmp_path: Path) -> None:
    storage = open_storage((tmp_path / "blobs").as_uri())
    (tmp_path / "blobs").rmdir()
    (tmp_path / "blobs").write_bytes(b"a file stands where the folder was")

    with pytest.raises((OSError, BaseError)):
        asyncio.run(storage.check())


@pytest.mark.parametrize("url", ["blobs", "ftp://host/blobs", "file://host/blobs", "memory:///"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is not a storage"):
        open_storage(url)


def test_storages_with_different_prefixes_are_separate(url: str) -> None:
    async def scenario() -> tuple[bool, bool]:
        one: Storage = open_storage(f"{url}/one")
        two: Storage = open_storage(f"{url}/two")
        await one.put(KEY, DATA)
        return await one.exists(KEY), await two.exists(KEY)

    assert asyncio.run(scenario()) == (True, False)


@pytest.mark.parametrize("state", ["away", "a file", "read-only", "full"])
def test_a_read_only_folder_is_an_outage_and_no_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    folder = tmp_path / "pictures"
    storage = open_storage(folder.as_uri())
    if state in ("away", "a file"):
        folder.rmdir()
    if state == "a file":
        folder.write_bytes(b"")
    if state in ("read-only", "full"):
        number = errno.EROFS if state == "read-only" else errno.ENOSPC

        def refuse(_: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises((BaseError, OSError)) as raised:
        asyncio.run(storage.put(KEY, DATA))

    refusal = refusal_of(raised.value)
    assert refusal is not None
    assert refusal.code == ("INSUFFICIENT_STORAGE" if state == "full" else "UNAVAILABLE")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path != folder]


def test_wrong_credentials_are_reported_at_the_start(
    s3: str, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "stranger")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    settings = read_settings(
        data_dir=tmp_path, redis_url=valkey_url, storage_url="s3://pictures/mine"
    )
    asyncio.run(database.migrate(settings.resolved_database_url))
    httpx.post(
        f"{s3}/moto-api/reset-auth", content=b"0"
    )  # from now on the server checks credentials

    try:
        with pytest.raises(OperatorError) as refused:
            _require(settings)
    finally:
        httpx.post(f"{s3}/moto-api/reset-auth", content=b"inf")

    assert "cannot be used: The operation lacked the necessary privileges" in str(refused.value)
    assert "credentials in the environment" in str(refused.value)
