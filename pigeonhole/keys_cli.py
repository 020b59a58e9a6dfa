"""The commands ``pigeonhole keys``."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

from pigeonhole.command import begin, told
from pigeonhole.settings import OperatorError, Settings

R = TypeVar("R")

app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)


class Scope(StrEnum):
    """What a key allows, as the command line has it."""

    INVOKE = "invoke"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[list[Scope], typer.Option(help="What it allows; can be given again.")],
    function: Annotated[
        list[str] | None,
        typer.Option(help="ID of a function to restrict it to; can be given again."),
    ] = None,
    expires_days: Annotated[
        float | None, typer.Option(min=0, help="Days until it lets nobody in; never if unsaid.")
    ] = None,
) -> None:
    """Make a key, and print its secret: it is shown this once."""
    until = None if expires_days is None else datetime.now(UTC) + timedelta(days=expires_days)

    async def make() -> str:
        from pigeonhole import audit, keys
        from pigeonhole.models import ApiKeyScope

        key, secret = await keys.create(
            name=name,
            scopes=[ApiKeyScope(each.value) for each in scope],
            function_ids=[_uuid("fn", id) for id in function] if function else None,
            expires_at=until,
        )
        await audit.record_command("createApiKey", [keys.public_id(key)])
        return secret

    typer.echo(_run(make))


@app.command("list")
def list_() -> None:
    """List the keys, revoked ones too; secrets are not kept."""

    async def lines() -> list[str]:
        from pigeonhole import keys
        from pigeonhole.models import ApiKey

        return [
            "  ".join(
                (
                    key.prefix,
                    "live   " if keys.is_live(key) else "revoked" if key.revoked_at else "expired",
                    ",".join(key.scopes),
                    f"used {key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used",
                    "all functions"
                    if key.function_ids is None
                    else f"{len(key.function_ids)} functions",
                    key.name,
                )
            )
            for key in await ApiKey.all().order_by("id")
        ]

    for line in _run(lines):
        typer.echo(line)


@app.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="The key's prefix, such as ph_0123456789.")],
) -> None:
    """Revoke a key: within a second it lets nobody in."""

    async def end() -> None:
        from pigeonhole import audit, keys
        from pigeonhole.models import ApiKey

        key = await ApiKey.get_or_none(prefix=keys.prefix_of(f"{prefix}_") or prefix)
        if key is None:
            raise OperatorError(f"There is no key {prefix}. `pigeonhole keys list` shows them.")
        await keys.revoke(key.id)
        await audit.record_command("revokeApiKey", [keys.public_id(key)])

    _run(end)
    typer.echo(f"Revoked {prefix}.")


def _uuid(kind: str, id: str) -> UUID:
    try:
        return UUID(hex=id.removeprefix(f"{kind}_"))
    except ValueError:
        raise OperatorError(f"{id!r} is not the ID of a function.") from None


def _run(work: Callable[[], Awaitable[R]]) -> R:
    """Do something with the database open; say in sentences what goes wrong."""
    with told():
        return asyncio.run(_connected(begin("keys"), work))
    raise typer.Exit(1)


async def _connected(settings: Settings, work: Callable[[], Awaitable[R]]) -> R:
    from pigeonhole import database
    from pigeonhole.doctor import State, check_database
    from pigeonhole.errors import PigeonholeError

    check: Any = await check_database(settings)
    if check.state is not State.OK:
        raise OperatorError(f"{check.found} {check.fix}")
    async with database.connected(settings.resolved_database_url):
        try:
            return await work()
        except PigeonholeError as error:
            raise OperatorError(error.message) from None
