"""What every command begins with, and how it tells what went wrong."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import typer

from pigeonhole.settings import OperatorError, Settings, read_settings


def begin(process: str, **overrides: Any) -> Settings:
    """Read the settings and set up the log lines of this process."""
    settings = read_settings(**overrides)
    from pigeonhole import logs

    logs.set_up(settings, process)
    return settings


@contextmanager
def told() -> Iterator[None]:
    """Turn what the operator can put right into sentences and exit status 1."""
    with suppress(KeyboardInterrupt):
        try:
            yield
        except OperatorError as error:
            for line in str(error).splitlines():
                typer.echo(f"error: {line}", err=True)
            sys.exit(1)
