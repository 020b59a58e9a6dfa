"""The commands ``pigeonhole keys``."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

from pigeonhole.deployment.command import begin, told
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.settings import OperatorError, Settings

R = TypeVar("R")

app = typer.Typer(help="Create, list and revoke API keys.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Name that tells what the key is used for.")],
    scope: Annotated[list[ApiKeyScope], typer.Option(help="Scope of the key; may be repeated.")],
    function: Annotated[
        list[str] | None,
        typer.Option(help="ID of a function to restrict the key to; may be repeated."),
    ] = None,
    expires_days: Annotated[
        float | None, typer.Option(min=0, help="Days until the key expires. Default: never.")
    ] = None,
) -> None:
    """Create a key and print its secret, which is shown only once."""
    until = None if expires_days is None else datetime.now(UTC) + timedelta(days=expires_days)

    async def make() -> str:
        from pigeonhole.access import keys

        _, secret = await keys.create(
            name=name,
            scopes=scope,
            function_ids=[_uuid("fn", id) for id in function] if function else None,
            expires_at=until,
            record=keys.by_command_line("createApiKey"),
        )
        return secret

    typer.echo(_run(make))


@app.command("list")
def list_() -> None:
    """List all keys, including revoked ones."""

    async def lines() -> list[str]:
        from pigeonhole.access import keys
        from pigeonhole.tables import ApiKey

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
    prefix: Annotated[str, typer.Argument(help="Prefix of the key, such as ph_0123456789.")],
) -> None:
    """Revoke a key. Servers refuse it within a second."""

    async def end() -> None:
        from pigeonhole.access import keys
        from pigeonhole.tables import ApiKey

        key = await ApiKey.get_or_none(prefix=keys.prefix_of(f"{prefix}_") or prefix)
        if key is None:
            raise OperatorError(
                f"Key {prefix} not found. Run `pigeonhole keys list` to see all keys."
            )
        await keys.revoke(key.id, record=keys.by_command_line("revokeApiKey"))

    _run(end)
    typer.echo(f"Revoked {prefix}.")


def _uuid(kind: str, id: str) -> UUID:
    try:
        return UUID(hex=id.removeprefix(f"{kind}_"))
    except ValueError:
        raise OperatorError(f"{id!r} is not the ID of a function.") from None


def _run(work: Callable[[], Awaitable[R]]) -> R:
    """Return the result of ``work`` with the database open; print errors and exit with status 1."""
    with told():
        return asyncio.run(_connected(begin("keys"), work))
    raise typer.Exit(1)


async def _connected(settings: Settings, work: Callable[[], Awaitable[R]]) -> R:
    from pigeonhole.deployment.doctor import State, check_database
    from pigeonhole.errors import PigeonholeError
    from pigeonhole.services import database

    check: Any = await check_database(settings)
    if check.state is not State.OK:
        raise OperatorError(f"{check.found} {check.fix}")
    async with database.connected(settings.resolved_database_url):
        try:
            return await work()
        except PigeonholeError as error:
            raise OperatorError(error.message) from None
