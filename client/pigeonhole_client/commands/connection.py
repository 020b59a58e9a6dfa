"""The server that a command uses, and the output of its errors."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pigeonhole_client.errors import PigeonholeError

if TYPE_CHECKING:
    from pigeonhole_client.blocking import Pigeonhole

URL_VARIABLE, KEY_VARIABLE = "PIGEONHOLE_URL", "PIGEONHOLE_KEY"
ADMIN_KEY = "admin.key"
"""File in the data folder of a server on this machine that holds its first key."""

Url = Annotated[
    str | None,
    typer.Option(
        help=f"URL of the server, such as http://127.0.0.1:8000. Default: {URL_VARIABLE}, "
        "otherwise the server of this machine.",
        envvar=URL_VARIABLE,
        show_envvar=False,
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        help=f"API key. Default: {KEY_VARIABLE}, otherwise the admin key in the data folder.",
        envvar=KEY_VARIABLE,
        show_envvar=False,
    ),
]
FunctionName = Annotated[str, typer.Argument(help="ID or name of the function.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@contextmanager
def connected(url: str | None, key: str | None) -> "Iterator[Pigeonhole]":
    """Connect a command to a server; print an error and exit with status 1 if it refuses."""
    with told():
        from pigeonhole_client.blocking import Pigeonhole

        with Pigeonhole(url or local_url(), key or local_key(url)) as server:
            yield server


@contextmanager
def told() -> Iterator[None]:
    """Print errors that the user can correct, and exit with status 1."""
    try:
        yield
    except PigeonholeError as error:
        for line in str(error).splitlines():
            typer.echo(f"error: {line}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def local_url() -> str:
    """Return the URL of the server on this machine, from its settings."""
    host = os.environ.get("PIGEONHOLE_HOST") or "127.0.0.1"
    return f"http://{host}:{os.environ.get('PIGEONHOLE_PORT') or 8000}"


def local_key(url: str | None) -> str:
    """Return the admin key in the data folder, which is never sent to a server given by URL.

    Raises:
        PigeonholeError: There is none, or a server is given.
    """
    file = Path(os.environ.get("PIGEONHOLE_DATA_DIR") or "data") / ADMIN_KEY
    if url is None and file.is_file():
        return file.read_text(encoding="utf-8").strip()
    raise PigeonholeError(f"An API key is required. Pass --key or set {KEY_VARIABLE}.")


def print_json(value: object) -> None:
    """Print a value as one line of JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False))
