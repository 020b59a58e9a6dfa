"""The common start of all commands, and their error messages."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import typer

from pigeonhole.settings import OperatorError, Settings, read_settings


def begin(process: str, **overrides: Any) -> Settings:
    """Read the settings and set up the log lines of this process.

    Raises:
        OperatorError: A setting is not valid, or libraries cannot write temporary files.
    """
    settings = read_settings(**overrides)
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        raise OperatorError(
            "No folder for temporary files can be written. Mount one at /tmp, or set TMPDIR to one."
        ) from None
    from pigeonhole.deployment import logs

    logs.set_up(settings, process)
    return settings


@contextmanager
def told() -> Iterator[None]:
    """Print errors that the operator can correct, and exit with status 1."""
    with suppress(KeyboardInterrupt):
        try:
            yield
        except OperatorError as error:
            for line in str(error).splitlines():
                typer.echo(f"error: {line}", err=True)
            sys.exit(1)
