"""Checks of everything a deployment depends on, with a remedy for each problem."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from shlex import quote

from pigeonhole.deployment import data_folder
from pigeonhole.deployment.logs import redact
from pigeonhole.deployment.vanishing import has_lost_its_database, lost_database_said
from pigeonhole.settings import Settings, unknown_variables, variable

ANSWER_S = 10.0  # within which a database, Redis or storage must answer
LOW_BYTES = 1_000_000_000  # of free space, below which the doctor warns


class State(StrEnum):
    """Severity of a finding."""

    OK = "ok"
    WARNING = "warning"  # it works, but perhaps not as expected
    PROBLEM = "problem"  # it does not work


@dataclass(frozen=True)
class Check:
    """Result of one check. ``fix`` says what to do; it is empty if all is well."""

    name: str
    state: State
    found: str
    fix: str = ""


async def examine(settings: Settings, *, pictures: bool = False) -> AsyncIterator[Check]:
    """Run all checks in order. A check that raises is reported as a problem."""
    from pigeonhole.deployment.doctor_public import check_public_url
    from pigeonhole.deployment.doctor_server import check_server
    from pigeonhole.deployment.doctor_services import check_encoder, check_redis, check_storage
    from pigeonhole.deployment.doctor_work import check_blobs, check_workers

    checks: tuple[tuple[str, Callable[[Settings], Awaitable[Check]]], ...] = (
        ("settings", check_settings),
        ("data folder", check_folder),
        ("database", check_database),
        ("keys", check_keys),
        ("redis", check_redis),
        ("storage", check_storage),
        ("encoder", check_encoder),
        ("server", check_server),
        ("public URL", check_public_url),
        ("workers", check_workers),
    )
    if pictures:
        checks += (("pictures", check_blobs),)
    for name, check in checks:
        try:
            yield await check(settings)
        except Exception as error:  # noqa: BLE001 - any failure is a finding
            yield Check(
                name, State.PROBLEM, f"The check failed: {said(error)}", "Report this as a bug."
            )


async def check_settings(settings: Settings) -> Check:
    """Check that every variable with the prefix is a setting."""
    unknown = unknown_variables()
    if unknown:
        return Check("settings", State.WARNING, " ".join(unknown), "Correct or remove it.")
    changed = sorted(settings.model_fields_set)
    names = ", ".join(variable(name) for name in changed)
    return Check(
        "settings", State.OK, f"Set: {names}." if names else "All settings have default values."
    )


async def check_folder(settings: Settings) -> Check:
    """Check that the data folder exists, is private, and has free space."""
    path = settings.resolved_data_dir
    if path.exists() and not path.is_dir():
        return Check(
            "data folder",
            State.PROBLEM,
            f"{path} is a file, not a folder.",
            f"Move it away, or set {variable('data_dir')} to a folder.",
        )
    if has_lost_its_database(settings):
        return Check("data folder", State.PROBLEM, *lost_database_said(settings))
    megabytes = data_folder.free_bytes(path) // 1_000_000
    if megabytes < LOW_BYTES // 1_000_000:
        short = data_folder.free_bytes(path) < data_folder.LITTLE_FREE_BYTES
        return Check(
            "data folder",
            State.PROBLEM if short else State.WARNING,
            f"{megabytes} MB are free on the disk of {path}.",
            f"Free some space, or set {variable('data_dir')} to a folder on a larger disk.",
        )
    if not path.exists():
        return Check("data folder", State.OK, f"{path} does not exist yet; `up` creates it.")
    if path.stat().st_mode & 0o077:
        return Check(
            "data folder",
            State.WARNING,
            f"Other users of this machine can read {path}.",
            f"Run `chmod 700 {quote(str(path))}`.",
        )
    who = data_folder.holder(path)
    by = f", in use by process {who.pid} on {who.host}" if who else ""
    return Check("data folder", State.OK, f"{path}{by}; {megabytes} MB are free.")


async def check_database(settings: Settings) -> Check:
    """Check that the database answers and has all migrations."""
    from pigeonhole.services import database

    url = settings.resolved_database_url
    shown = redact(url)
    file = Path(url.removeprefix("sqlite://")) if url.startswith("sqlite:") else None
    try:
        async with asyncio.timeout(ANSWER_S):
            if file and not await asyncio.to_thread(_opened, file, settings):
                if has_lost_its_database(settings):
                    return Check("database", State.PROBLEM, *lost_database_said(settings))
                return Check(
                    "database",
                    State.WARNING,
                    f"{shown} does not exist yet.",
                    "Run `pigeonhole migrate`; `up` does this by itself.",
                )
            async with database.connected(url):
                await database.check()
            found = await database.migrations(url)
    except Exception as error:  # noqa: BLE001 - each driver has its own errors
        fix = (
            "Make the file and its folder writable for this user, or restore a backup."
            if file
            else _postgres_fix(error)
        )
        return Check("database", State.PROBLEM, f"{shown} cannot be used: {said(error)}", fix)
    if found.newer:
        return Check(
            "database",
            State.PROBLEM,
            f"{shown} was migrated by a newer release: this one does not know "
            f"{', '.join(found.newer)}.",
            "Install that release or a later one, or restore a backup from before the migration.",
        )
    if names := found.pending:
        return Check(
            "database",
            State.WARNING,
            f"{shown} has {len(names)} pending migrations: {', '.join(names)}.",
            "Run `pigeonhole migrate`; `up` does this by itself.",
        )
    return Check("database", State.OK, f"{shown} answers and is up to date.")


def _postgres_fix(error: Exception) -> str:
    url = variable("database_url")
    if "rejected SSL upgrade" in str(error):  # asyncpg has no class for it
        return (
            "Turn on TLS in PostgreSQL, or set `sslmode=disable` in "
            f"{url} if the connection needs no encryption."
        )
    return (
        f"Check that PostgreSQL is running there and that {url} has the right user, password and "
        "database."
    )


async def check_keys(settings: Settings) -> Check:
    """Check that there is a valid admin key and that the file of the first one is private."""
    if (await check_database(settings)).state is not State.OK:
        return Check("keys", State.OK, "Not checked: the database is not ready.")
    from pigeonhole.access import keys
    from pigeonhole.kinds import ApiKeyScope
    from pigeonhole.services import database

    async with database.connected(settings.resolved_database_url):
        live, admins = await keys.live(), await keys.live(ApiKeyScope.ADMIN)
    if not live and settings.host in ("127.0.0.1", "::1", "localhost"):
        return Check("keys", State.OK, "No API keys yet; the first `up` creates an admin key.")
    if not admins:
        return Check(
            "keys",
            State.WARNING,
            f"{len(live)} API keys are valid, none of them with the scope ADMIN.",
            "Run `pigeonhole keys create admin --scope admin`.",
        )
    file = settings.resolved_data_dir / data_folder.ADMIN_KEY
    if file.exists() and file.stat().st_mode & 0o077:
        return Check(
            "keys",
            State.WARNING,
            f"Other users of this machine can read the admin key in {file}.",
            f"Run `chmod 600 {quote(str(file))}`.",
        )
    return Check(
        "keys",
        State.OK,
        f"{len(live)} API keys are valid, {len(admins)} of them with the scope ADMIN.",
    )


def _opened(file: Path, settings: Settings) -> bool:
    """Return whether an SQLite file exists and can be read and written; False if it can be created.

    Uses SQLite directly, because closing a tortoise connection that failed to open hangs.
    """
    to_be_made = settings.database_url == "" and not settings.resolved_data_dir.exists()
    if to_be_made or (not file.exists() and os.access(file.parent, os.W_OK)):
        return False
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master")
    return True


def said(error: BaseException) -> str:
    """Return an error's message on one line without secrets, or its class if it has none."""
    if isinstance(error, TimeoutError):
        return "no answer in time."
    words = " ".join(redact(str(error)).split())[:300] or type(error).__name__
    return words if words.endswith(".") else f"{words}."
