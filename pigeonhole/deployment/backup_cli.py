"""The commands ``pigeonhole backup``, ``restore`` and ``copy``."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pigeonhole.deployment.command import begin, told
from pigeonhole.settings import OperatorError, Settings

if TYPE_CHECKING:
    from pigeonhole.backup.copy import Place
    from pigeonhole.backup.pictures import Moved, Progress

Replace = Annotated[bool, typer.Option(help="First delete everything in the target.")]


def backup(
    file: Annotated[Path, typer.Argument(help="Zip file to write.")],
) -> None:
    """Write a backup of everything to one file, while servers and workers keep running.

    The file contains the database, the images, and the admin key of the data folder. Only its user
    can read it. Every image is checked against its digest.

    Example: pigeonhole backup pigeonhole-backup.zip
    """
    with told():
        settings = begin("backup")
        from pigeonhole.backup import archive

        with _progress("Images") as progress:
            moved = asyncio.run(
                archive.back_up(
                    _place(settings),
                    file,
                    _folder(settings),
                    admin_key=_admin_key(settings),
                    progress=progress,
                )
            )
        typer.echo(f"{file}: {file.stat().st_size:,} bytes")
        _tell(moved)


def restore(
    file: Annotated[Path, typer.Argument(help="Backup to read.")],
    replace: Replace = False,
) -> None:
    """Restore a backup into the configured database and storage. Stop servers and workers first.

    Rows are restored in one transaction and checked against the digests in the backup.

    Example: pigeonhole restore pigeonhole-backup.zip
    """
    with told():
        settings = begin("restore")
        from pigeonhole.backup import archive
        from pigeonhole.deployment import data_folder

        with data_folder.hold(settings.resolved_data_dir), _progress("Images") as progress:
            moved = asyncio.run(
                archive.restore(
                    file,
                    _place(settings),
                    _folder(settings),
                    admin_key=_admin_key(settings),
                    replace=replace,
                    progress=progress,
                )
            )
        _tell(moved)


def copy(
    to_database: Annotated[str, typer.Option(help="URL of the database to copy to.")],
    to_storage: Annotated[str, typer.Option(help="URL of the storage to copy to.")],
    replace: Replace = False,
) -> None:
    """Copy everything to another database and storage, such as from one machine to many.

    The command may be run again with --replace; images that the target already has are not copied
    twice. Changes made after it started are not copied, so stop servers and workers before the
    last run.

    Example: pigeonhole copy --to-database postgres://db/pigeonhole --to-storage s3://photos
    """
    with told():
        settings = begin("copy")
        read = {"database_url": to_database, "storage_url": to_storage}
        target = _place(Settings(**{**settings.model_dump(), **read}))
        source = _place(settings)
        if source.database_url == target.database_url:
            raise OperatorError("The target is the same database as the source. Choose another.")
        from pigeonhole.backup import copy as copying

        with _progress("Images") as progress:
            moved = asyncio.run(
                copying.copy(source, target, _folder(settings), replace=replace, progress=progress)
            )
        _tell(moved)


def _place(settings: Settings) -> "Place":
    from pigeonhole.backup.copy import Place

    return Place(settings.resolved_database_url, settings.resolved_storage_url)


def _folder(settings: Settings) -> Path:
    """Return the data folder, for temporary files; create it if it is missing."""
    from pigeonhole.deployment import data_folder

    data_folder.make(settings.resolved_data_dir)
    return settings.resolved_data_dir


def _admin_key(settings: Settings) -> Path:
    from pigeonhole.deployment.data_folder import ADMIN_KEY

    return settings.resolved_data_dir / ADMIN_KEY


@contextmanager
def _progress(name: str) -> "Iterator[Progress]":
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as shown:
        task = shown.add_task(name)
        yield lambda count: shown.advance(task, count)


def _tell(moved: "Moved") -> None:
    """Print what was moved; exit with status 2 if images are missing or damaged."""
    typer.echo(f"{moved.rows:,} rows and {moved.pictures:,} images were written and checked.")
    for words, names in (("missing", moved.missing), ("damaged", moved.damaged)):
        if names:
            some = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
            typer.echo(f"{len(names):,} images are {words}: {some}", err=True)
    if moved.missing or moved.damaged:
        sys.exit(2)
