"""The command ``pigeonhole-client``."""

from importlib.metadata import version
from typing import Annotated

import typer

from pigeonhole_client.commands import acceptance, encoders, functions, keys, transfer

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain lines, also where a log keeps them
)


def add_to(commands: typer.Typer) -> None:
    """Add the commands that use a server's API, which ``pigeonhole`` also has."""
    commands.command()(functions.functions)
    commands.command()(functions.create)
    commands.command("import")(transfer.import_)
    commands.command()(functions.annotate)
    commands.command()(functions.train)
    commands.command()(functions.status)
    commands.command()(functions.invoke)
    commands.command()(acceptance.accept)
    commands.command()(encoders.change_encoder)
    commands.command()(transfer.export)
    commands.command("export-model")(transfer.export_model)


add_to(app)
app.add_typer(keys.app, name="keys")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"pigeonhole-client {version('pigeonhole-client')}")
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
    """Use a Pigeonhole server: images in, labels and models out."""
