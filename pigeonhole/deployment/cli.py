"""The command ``pigeonhole``.

Each command imports what it needs when it runs, so that the command line starts fast and ``work``
can limit the threads of numerical libraries before they are loaded.

``serve``, ``work`` and ``schema`` load ``server`` and ``worker`` by name (``listening.load``),
because ``pigeonhole`` must not import them; import-linter checks this. Commands that use a server's
public API are those of ``pigeonhole-client``.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from pigeonhole_client.commands import app as remote

from pigeonhole.deployment import backup_cli, doctor_cli, embed_cli, encoder_cli, keys_cli
from pigeonhole.deployment.command import begin, told
from pigeonhole.deployment.vanishing import (
    NEW_DATABASE,
    has_lost_its_database,
    lost_database_said,
)
from pigeonhole.kinds import Takes
from pigeonhole.settings import OperatorError, Settings

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain lines, which are also readable in a log
)

app.add_typer(keys_cli.app, name="keys")
app.add_typer(encoder_cli.app, name="encoder")
remote.add_to(app)
app.command()(doctor_cli.doctor)
app.command()(backup_cli.backup)
app.command()(backup_cli.restore)
app.command()(backup_cli.copy)
app.command()(embed_cli.embed)

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
        help="Port to listen on; 0 chooses a free one.",
        show_default="8000",
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        envvar="PIGEONHOLE_DATA_DIR",
        help="Folder for database, images and queue.",
        show_default="data",
    ),
]


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"pigeonhole {version('pigeonhole')}")
        raise typer.Exit


@app.callback()
def main(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Custom image classification that learns from annotations."""


@app.command()
def up(host: Host = None, port: Port = None, data_dir: DataDir = None) -> None:
    """Run everything on this machine: database, queue, API server and one worker.

    Options take precedence over PIGEONHOLE_HOST and PIGEONHOLE_PORT, which take precedence over
    HOST and PORT.
    """
    with told():
        settings = begin("up", host=host, port=port, data_dir=data_dir)
        from pigeonhole.deployment.open_files import raise_limit
        from pigeonhole.deployment.up import up

        raise_limit()
        os.umask(0o077)  # only this user may read the files that this and its children write
        asyncio.run(up(settings))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
    descriptor: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run only the API server, with an existing database and Redis."""
    with told():
        settings = begin("server", host=host, port=port)
        _require(settings)
        from pigeonhole.deployment import data_folder, listening
        from pigeonhole.deployment.open_files import raise_limit
        from pigeonhole.services import tracing

        raise_limit()
        data_folder.make(settings.resolved_data_dir)  # uploads are stored there while they arrive
        if descriptor is None:
            data_folder.keep_reserve(settings)  # otherwise `up` does
            listener = listening.listen(settings.host, settings.port)
        else:
            listener = socket.socket(fileno=descriptor)
        if not listening.is_loopback(listener):
            asyncio.run(_check_keys(settings, settings.host))
        tracing.start("server", os.environ)
        _share_cores()
        listening.serve(settings, listener)


@app.command()
def work(
    only: Annotated[
        Takes | None,
        typer.Option(help="Take trainings alone, or all else: embedding and what follows it."),
    ] = None,
) -> None:
    """Run only a worker, with an existing database and Redis.

    The worker runs at a low priority, and its linear algebra uses one thread unless variables such
    as OPENBLAS_NUM_THREADS are set.
    """
    with told():
        settings = begin("worker")
        _yield_to_others()
        _require(settings)
        from pigeonhole.deployment.listening import load
        from pigeonhole.services import tracing

        tracing.start("worker", os.environ)
        load("worker.main:run")(settings, only)


@app.command()
def migrate(
    quiet: Annotated[bool, typer.Option(help="Print errors only.")] = False,
    first_start: Annotated[str | None, typer.Option(hidden=True)] = None,
    new_database: Annotated[
        bool,
        typer.Option(
            NEW_DATABASE,
            help="Create an empty database in a data folder that has lost its database.",
        ),
    ] = False,
) -> None:
    """Apply pending migrations to the database."""
    with told():
        settings = begin("migrate")
        from tortoise.exceptions import OperationalError

        from pigeonhole.deployment import data_folder
        from pigeonhole.deployment.doctor import State, check_database, said
        from pigeonhole.services import database

        if settings.database_url == "":
            data_folder.make(settings.resolved_data_dir)
        if has_lost_its_database(settings):
            if not new_database:
                raise OperatorError(" ".join(lost_database_said(settings)))
            Path(settings.resolved_data_dir / "pigeonhole.db").touch(mode=0o600)
        check = asyncio.run(check_database(settings))
        if check.state is State.PROBLEM:
            raise OperatorError(f"{check.found} {check.fix}")
        try:
            say: Callable[[str], object] = (lambda sentence: None) if quiet else typer.echo
            asyncio.run(database.migrate(settings.resolved_database_url, say))
        except OperationalError as error:
            raise OperatorError(
                f"Migrating the database failed: {said(error)} {database.remedy(error)}, then "
                "run `pigeonhole migrate` again."
            ) from error
        if first_start is not None:
            asyncio.run(_check_keys(settings, first_start))
        if not quiet:
            typer.echo("The database is up to date.")


@app.command()
def login(data_dir: DataDir = None) -> None:
    """Print a link that logs a browser in to a running `up`; it works once."""
    with told():
        settings = begin("login", data_dir=data_dir)
        from pigeonhole.deployment import data_folder
        from pigeonhole.deployment.own_server import login_link

        who = data_folder.holder(settings.resolved_data_dir)
        secret = data_folder.read_secret(settings.resolved_data_dir)
        link = None
        if who and who.url and secret:
            link = asyncio.run(login_link(who.url, secret, public_url=settings.public_url))
        if link is None:
            raise OperatorError(
                f"No `pigeonhole up` that accepts the key in {data_folder.ADMIN_KEY} is running on "
                f"{settings.resolved_data_dir}. Start it, or log in at /login with an API key, "
                "created by `pigeonhole keys create NAME --scope admin`."
            )
        typer.echo(link)


@app.command()
def schema(
    check: Annotated[
        bool,
        typer.Option("--check", help="Only check that ./schema.graphql is up to date."),
    ] = False,
) -> None:
    """Print the GraphQL schema."""
    from pigeonhole.deployment.listening import load

    printed = load("server.api.schema:print_schema")().rstrip("\n") + "\n"
    if not check:
        typer.echo(printed, nl=False)
        return
    file = Path("schema.graphql")
    if not file.exists() or file.read_text(encoding="utf-8") != printed:
        typer.echo("error: schema.graphql is out of date. Run `make schema`.", err=True)
        raise typer.Exit(1)


def _require(settings: Settings) -> None:
    """Check that the database is migrated, Redis answers, and the storage can be written.

    Raises:
        OperatorError: Either is not available. The message says what to do.
    """
    from pigeonhole.deployment.doctor import State, check_database
    from pigeonhole.deployment.doctor_services import check_redis, check_storage
    from pigeonhole.deployment.starting import until_started

    if settings.redis_url == "":
        raise OperatorError(
            "PIGEONHOLE_REDIS_URL is required. Set it, or run `pigeonhole up`, which starts Redis, "
            "server and worker together."
        )
    asyncio.run(until_started(settings))
    database = asyncio.run(check_database(settings))
    redis = asyncio.run(check_redis(settings))
    wrong = [check for check in (database,) if check.state is not State.OK]
    storage = asyncio.run(check_storage(settings))
    wrong += [check for check in (redis, storage) if check.state is State.PROBLEM]
    if wrong:
        raise OperatorError("\n".join(f"{check.found} {check.fix}" for check in wrong))


async def _check_keys(settings: Settings, address: str) -> None:
    """Create the first admin key for loopback (an empty address); otherwise require a key."""
    from pigeonhole.deployment import first_start
    from pigeonhole.services import database

    async with database.connected(settings.resolved_database_url):
        if address == "":
            await first_start.ensure_admin_key(settings.resolved_data_dir)
        else:
            await first_start.require_key(address)


def _yield_to_others() -> None:
    """Lower this process's priority and limit the threads of libraries loaded from now on.

    Training uses OpenBLAS, where more threads gain nothing at these sizes and slow down the server.
    The encoder uses all cores; the server, which has a higher priority, takes them when needed.
    """
    _share_cores()
    os.nice(10)
    for name in ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ.setdefault(name, "1")


def _share_cores() -> None:
    """Keep torch's threads from spinning while they wait; read when torch is loaded.

    Without it, the encoder was up to thirty times slower while another process was computing.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
