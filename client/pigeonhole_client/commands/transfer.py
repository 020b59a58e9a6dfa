"""The commands ``import``, ``export`` and ``export-model``."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from pigeonhole_client.bars import bar
from pigeonhole_client.commands.connection import (
    FunctionName,
    Json,
    Key,
    Url,
    connected,
    print_json,
)
from pigeonhole_client.errors import UnusableFileError
from pigeonhole_client.files.found import FileKind
from pigeonhole_client.report import OnConflict, Outcome, Report


def import_(
    function: FunctionName,
    paths: Annotated[
        list[Path],
        typer.Argument(help="Folders, zip or tar archives, tables (such as CSV), or images."),
    ],
    labels_from_folders: Annotated[
        bool, typer.Option(help="Use the name of an image's folder as its label.")
    ] = False,
    create_labels: Annotated[bool, typer.Option(help="Create labels that do not exist.")] = False,
    dry_run: Annotated[
        bool, typer.Option(help="Print what would happen, without changing anything.")
    ] = False,
    on_conflict: Annotated[
        OnConflict,
        typer.Option(
            help="What to do with an image that already has another label: keep that label, "
            "replace it, or skip all images that the function already has."
        ),
    ] = OnConflict.KEEP,
    settings: Annotated[
        bool,
        typer.Option(
            help="Set the function's settings and label descriptions as in an export of Pigeonhole."
        ),
    ] = False,
    metadata: Annotated[
        bool, typer.Option(help="Keep the other columns of tables as metadata.")
    ] = True,
    kind: Annotated[
        FileKind | None,
        typer.Option(help="What the given files are, whatever their names end with."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="CSV file to write refused images and conflicts to.")
    ] = None,
    json_: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Import images and their labels into a function.

    The command may be run again after an interruption; images that the function already has are
    not added twice. The exit status is 2 if an image was refused.

    Example: pigeonhole import Recipes photos --labels-from-folders --create-labels
    """
    with connected(url, key) as server:
        result = server.function(function).upload(
            *paths,
            labels_from_folders=labels_from_folders,
            create_labels=create_labels,
            on_conflict=on_conflict,
            dry_run=dry_run,
            settings=settings,
            metadata=metadata,
            kind=kind,
            progress=False if json_ else None,
        )
        if json_:
            print_json(result.as_json())
        else:
            _tell(result)
        if report is not None:
            with _written(report):
                result.write(report)
    if result.outcomes[Outcome.REFUSED]:
        sys.exit(2)


def export(
    function: FunctionName,
    file: Annotated[
        Path, typer.Argument(help="File to write: .zip, or .csv or .jsonl for the table alone.")
    ],
    images: Annotated[bool, typer.Option(help="Include the images.")] = True,
    url: Url = None,
    key: Key = None,
) -> None:
    """Export a function to a zip file: images in a folder for each label, and a table of samples.

    A file that ends with .csv or .jsonl gets the table alone.

    Example: pigeonhole export Recipes recipes.zip
    """
    with connected(url, key) as server:
        kind = file.suffix.lower()
        with bar(sys.stderr.isatty(), of_bytes=True) as exporting:
            task = exporting.add_task("Exporting", total=None)
            chunks = server.function(function).export(
                images=images,
                format="csv" if kind == ".csv" else "jsonl" if kind == ".jsonl" else None,
                expect=lambda size: exporting.update(task, total=size),
            )
            size = _save(_advancing(chunks, lambda more: exporting.advance(task, more)), file)
            exporting.update(task, total=size)


def export_model(
    function: FunctionName,
    file: Annotated[Path, typer.Argument(help="Zip file to write.")],
    quantize: Annotated[
        bool, typer.Option(help="Use 8-bit numbers: a third of the size, but less exact.")
    ] = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Export a function's active model, to run it without Pigeonhole and without a network.

    The zip file contains an ONNX graph, a program that runs it, and a report that compares its
    answers with the server's.

    Example: pigeonhole export-model Recipes recipes-model.zip
    """
    from zipfile import ZipFile

    from rich.console import Console

    with connected(url, key) as server:
        with Console(stderr=True).status("Converting the model and comparing its answers..."):
            _save(server.function(function).export_model(quantize=quantize), file)
        with ZipFile(file) as archive:
            report = json.loads(archive.read("parity.json"))
        typer.echo(
            f"The answers to {report['images']} images were compared: "
            f"{report['labelsThatDiffer']} labels differ, and confidences differ by at most "
            f"{report['largestDifference']:.4f}."
        )


def _advancing(chunks: Iterable[bytes], advance: Callable[[int], object]) -> Iterator[bytes]:
    for chunk in chunks:
        advance(len(chunk))
        yield chunk


def _save(chunks: Iterable[bytes], file: Path) -> int:
    """Write a download to a file, removed if it stays incomplete; return its bytes."""
    part = file.with_name(f"{file.name}.part")
    try:
        with _written(file):
            with part.open("wb") as target:
                for chunk in chunks:
                    target.write(chunk)
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    size = file.stat().st_size
    typer.echo(f"{file}: {size:,} bytes")
    return size


@contextmanager
def _written(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnusableFileError(f"{file} cannot be written: {error.strerror}.") from error


def _tell(report: Report) -> None:
    for outcome in Outcome:
        if report.outcomes[outcome]:
            typer.echo(f"{report.outcomes[outcome]:8,} {outcome.value}")
    for name, outcome, reason in report.told[:20]:
        typer.echo(f"{outcome.value}: {name}: {reason}", err=True)
    if len(report.told) > 20:
        typer.echo(f"... and {len(report.told) - 20} more; --report FILE writes all.", err=True)
