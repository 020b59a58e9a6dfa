"""Fixtures for tests of the doctor: a folder to examine, and an encoder that loads nothing."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from pigeonhole import encoders
from pigeonhole.deployment import data_folder, doctor
from pigeonhole.deployment.doctor import Check
from pigeonhole.settings import Settings, read_settings
from tests import backends


@dataclass
class Loaded:
    """The part of an encoder that the doctor uses."""

    identity: str = "an-identity"
    runtime: str = "torch"
    name: str = "An encoder"
    warning: str | None = "It knows everyday things."


@pytest.fixture(autouse=True)
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Load no weights; note which would have been loaded."""
    asked: list[str] = []

    def load(spec: str, folder: Path | None, precision: str) -> Loaded:
        asked.append(spec)
        return Loaded()

    monkeypatch.setattr(encoders, "load", load)
    return asked


@pytest.fixture
def settings(tmp_path: Path, sqlite_template: str) -> Settings:
    """Settings with an existing folder, and a database in it."""
    settings = read_settings(data_dir=tmp_path / "data")
    data_folder.make(settings.resolved_data_dir)
    backends.copy_database(sqlite_template, settings.resolved_data_dir)
    return settings


def changed(settings: Settings, **values: object) -> Settings:
    return settings.model_copy(update=values)


def examine(settings: Settings) -> list[Check]:
    async def all_of_them() -> list[Check]:
        return [check async for check in doctor.examine(settings)]

    return asyncio.run(all_of_them())
