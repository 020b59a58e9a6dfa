"""The command ``pigeonhole``.

Each command imports what it needs when it runs, so that the command line answers at once and
``work`` can bound the threads of numerical libraries before one of them is loaded.

``serve``, ``work`` and ``schema`` reach ``server`` and ``worker`` by name (``serving.load``):
``pigeonhole`` must not import them, as import-linter sees to, and a command only starts them.
"""

import asyncio
import json
import os
import socket
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pigeonhole import keys_cli
from pigeonhole.command import begin, told
from pigeonhole.settings import OperatorError, Settings, SettingsError

app = typer.Typer(
    help="Custom image classification that learns from your clicks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain lines, also where a log keeps them
)

app.add_typer(keys_cli.app, name="keys")

Host = Annotated[
    str | None,
    typer.Option(
        envvar=["PIGEONHOLE_HOST", "HOST"], help="Address to listen on.", show_default="127.0.0.1"
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        envvar=["PIGEONHOLE_PORT", "PORT"],
        min=0,
        max=65535,
        help="Port to listen on; 0 is a free one.",
        show_default="8000",
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        envvar="PIGEONHOLE_DATA_DIR", help="Folder of everything it keeps.", show_default="data"
    ),
]


@app.command()
def up(host: Host = None, port: Port = None, data_dir: DataDir = None) -> None:
    """Run everything on this machine: database, queue, API server and one worker.

    A flag stands above PIGEONHOLE_HOST and PIGEONHOLE_PORT, and these above HOST and PORT.
    """
    with told():
        settings = begin("up", host=host, port=port, data_dir=data_dir)
        from pigeonhole.up import up

        os.umask(0o077)  # what it and its processes write is for its user alone
        asyncio.run(up(settings))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
    descriptor: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run the API server alone, against a database and a Redis that are there."""
    with told():
        settings = begin("server", host=host, port=port)
        _require(settings)
        from pigeonhole import serving

        if descriptor is None:
            listener = serving.listen(settings.host, settings.port)
        else:
            listener = socket.socket(fileno=descriptor)
        if not serving.is_loopback(listener):
            asyncio.run(_see_to_keys(settings, settings.host))
        _share_cores()
        serving.serve(settings, listener)


@app.command()
def work() -> None:
    """Run one worker alone, against a database and a Redis that are there.

    It yields the processor to other processes, and the linear algebra of a training runs on one
    thread. Variables such as OPENBLAS_NUM_THREADS that are set already are left alone.
    """
    with told():
        settings = begin("worker")
        _yield_to_others()
        _require(settings)
        from pigeonhole.serving import load

        load("worker.main:run")(settings)


@app.command()
def migrate(
    quiet: Annotated[bool, typer.Option(help="Say only what went wrong.")] = False,
    first_start: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """Bring the database up to date."""
    with told():
        settings = begin("migrate")
        from tortoise.exceptions import OperationalError

        from pigeonhole import database, folder
        from pigeonhole.doctor import State, check_database, said

        if settings.database_url == "":
            folder.make(settings.resolved_data_dir)
        check = asyncio.run(check_database(settings))
        if check.state is State.PROBLEM:
            raise OperatorError(f"{check.found} {check.fix}")
        try:
            applied = asyncio.run(database.migrate(settings.resolved_database_url))
        except OperationalError as error:
            raise OperatorError(
                f"The database could not be brought up to date: {said(error)} Correct that, and "
                "run `pigeonhole migrate` again."
            ) from error
        if first_start is not None:
            asyncio.run(_see_to_keys(settings, first_start))
        if not quiet:
            for name in applied:
                typer.echo(f"Applied {name}.")
            typer.echo("The database is up to date.")


@app.command()
def login(data_dir: DataDir = None) -> None:
    """Print a link that logs a browser in to the page of a running `up`, once."""
    with told():
        settings = begin("login", data_dir=data_dir)
        from pigeonhole import folder
        from pigeonhole.asking import login_link

        who = folder.holder(settings.resolved_data_dir)
        secret = folder.read_secret(settings.resolved_data_dir)
        link = None
        if who and who.url and secret:
            link = asyncio.run(login_link(who.url, secret))
        if link is None:
            raise OperatorError(
                f"No `pigeonhole up` that takes the key in {folder.ADMIN_KEY} runs on "
                f"{settings.resolved_data_dir}. Start it, or log in at /login with an API key: "
                "`pigeonhole keys create NAME --scope admin` makes one."
            )
        typer.echo(link)


@app.command()
def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Compare with schema.graphql in this folder instead.")
    ] = False,
) -> None:
    """Print the GraphQL schema."""
    from pigeonhole.serving import load

    printed = load("server.schema:print_schema")().rstrip("\n") + "\n"
    if not check:
        typer.echo(printed, nl=False)
        return
    file = Path("schema.graphql")
    if not file.exists() or file.read_text(encoding="utf-8") != printed:
        typer.echo("error: schema.graphql is stale. Run `make schema`.", err=True)
        raise typer.Exit(1)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check settings, data folder, database, Redis, storage and encoder; say what to do."""
    from pigeonhole import doctor

    try:
        settings = begin("doctor")
        found = asyncio.run(_examine(settings, tell=not as_json))
    except SettingsError as error:
        found = [
            doctor.Check("settings", doctor.State.PROBLEM, said, "Correct it.")
            for said in error.problems
        ]
        if not as_json:
            for each in found:
                _tell(each)
    well = all(each.state is not doctor.State.PROBLEM for each in found)
    if as_json:
        typer.echo(json.dumps({"ok": well, "checks": [asdict(each) for each in found]}, indent=2))
    raise typer.Exit(0 if well else 1)


async def _examine(settings: Settings, *, tell: bool) -> "list[Any]":
    from pigeonhole import doctor

    found = []
    async for check in doctor.examine(settings):
        if tell:
            _tell(check)
        found.append(check)
    return found


def _tell(check: Any) -> None:
    color = {"ok": typer.colors.GREEN, "warning": typer.colors.YELLOW}.get(
        check.state, typer.colors.RED
    )
    state = typer.style(f"{check.state:<8}", fg=color, bold=True)
    typer.echo(f"{state} {check.name:<12} {check.found}")
    if check.fix:
        typer.echo(f"{'':<21} -> {check.fix}")


def _require(settings: Settings) -> None:
    """Refuse to start without a migrated database and a Redis that answers.

    Raises:
        OperatorError: One of them is not there; the message says what to do.
    """
    from pigeonhole.doctor import State, check_database, check_redis

    if settings.redis_url == "":
        raise OperatorError(
            "There is no Redis. Set PIGEONHOLE_REDIS_URL, or run `pigeonhole up`, which brings "
            "its own and starts server and worker too."
        )
    database = asyncio.run(check_database(settings))
    redis = asyncio.run(check_redis(settings))
    wrong = [check for check in (database,) if check.state is not State.OK]
    wrong += [check for check in (redis,) if check.state is State.PROBLEM]
    if wrong:
        raise OperatorError("\n".join(f"{check.found} {check.fix}" for check in wrong))


async def _see_to_keys(settings: Settings, address: str) -> None:
    """Make the first admin key for loopback, which is no address; for others ask for a key."""
    from pigeonhole import database, first_start

    async with database.connected(settings.resolved_database_url):
        if address == "":
            await first_start.ensure_admin_key(settings.resolved_data_dir)
        else:
            await first_start.require_key(address)


def _yield_to_others() -> None:
    """Lower this process's priority, and bound the threads of libraries loaded from now on.

    OpenBLAS is what trainings run on: more threads gain nothing on their sizes and delay the
    server. The encoder takes all cores, which the server's priority takes back when it asks.
    """
    _share_cores()
    os.nice(10)
    for name in ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ.setdefault(name, "1")


def _share_cores() -> None:
    """Keep threads of torch that wait for one another from spinning; read when torch loads.

    Where another process computes too, the encoder was up to thirty times slower without this.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
