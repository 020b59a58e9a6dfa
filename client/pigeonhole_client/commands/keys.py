"""The commands ``pigeonhole-client keys``."""

from datetime import datetime, timedelta, timezone
from typing import Annotated

import typer

from pigeonhole_client.api.enums import ApiKeyScope
from pigeonhole_client.commands.connection import Json, Key, Url, connected, print_json
from pigeonhole_client.errors import NotFoundError

app = typer.Typer(help="Create, list and revoke API keys of a server.", no_args_is_help=True)

Scope = Annotated[
    list[ApiKeyScope],
    typer.Option(help="Scope of the key; may be repeated.", case_sensitive=False),
]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Name that tells what the key is used for.")],
    scope: Scope,
    function: Annotated[
        list[str] | None,
        typer.Option(help="ID or name of a function to restrict the key to; may be repeated."),
    ] = None,
    expires_days: Annotated[
        float | None, typer.Option(min=0, help="Days until the key expires. Default: never.")
    ] = None,
    json_: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Create a key and print its secret, which is shown only once.

    Example: pigeonhole-client keys create shop --scope invoke --function Recipes
    """
    with connected(url, key) as server:
        until = None
        if expires_days is not None:
            until = datetime.now(timezone.utc) + timedelta(days=expires_days)
        ids = [server.function(one).id for one in function] if function else None
        made, secret = server.create_key(name, scope, function_ids=ids, expires_at=until)
        if json_:
            print_json({**made.model_dump(mode="json", by_alias=True), "secret": secret})
        else:
            typer.echo(secret)


@app.command("list")
def list_(json_: Json = False, url: Url = None, key: Key = None) -> None:
    """List all keys, including revoked ones.

    Example: pigeonhole-client keys list --json
    """
    with connected(url, key) as server:
        for one in server.api_keys():
            if json_:
                print_json(one.model_dump(mode="json", by_alias=True))
                continue
            ended = one.expires_at is not None and one.expires_at < datetime.now(timezone.utc)
            state = "revoked" if one.revoked_at else "expired" if ended else "live   "
            used = f"used {one.last_used_at:%Y-%m-%d %H:%M}" if one.last_used_at else "never used"
            scopes = ",".join(scope.value for scope in one.scopes)
            typer.echo("  ".join((one.prefix, state, scopes, used, one.name)))


@app.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="Prefix of the key, such as ph_0123456789.")],
    url: Url = None,
    key: Key = None,
) -> None:
    """Revoke a key. Servers refuse it within a second.

    Example: pigeonhole-client keys revoke ph_0123456789
    """
    with connected(url, key) as server:
        found = next((one for one in server.api_keys() if one.prefix == prefix), None)
        if found is None:
            raise NotFoundError(f"Key {prefix} not found. Run `keys list` to see all.", "NOT_FOUND")
        server.revoke_key(found.id)
        typer.echo(f"Revoked {prefix}.")
