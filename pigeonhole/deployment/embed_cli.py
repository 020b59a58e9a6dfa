"""The command ``pigeonhole embed``."""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from pigeonhole.deployment.command import begin, told
from pigeonhole.settings import OperatorError, Settings

if TYPE_CHECKING:
    from pigeonhole.cluster.bucket import Counts
    from pigeonhole.encoders.wire import Description
    from pigeonhole.tables import Function

REPORT_S = 10.0
"""Seconds between two lines about the progress."""
SHOWN = 20
"""Images that are named because they could not be read, at most."""


def embed(
    function: Annotated[str, typer.Argument(help="ID or name of the function.")],
    source: Annotated[
        str,
        typer.Argument(help="Folder, or URL such as s3://BUCKET/PREFIX; read with its folders."),
    ],
    ray: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="Address of the Ray cluster, such as HOST:6379."),
    ],
    readers: Annotated[int, typer.Option(min=1, help="Actors that read and decode, at most.")] = 8,
    embedders: Annotated[int, typer.Option(min=1, help="Actors that embed, at most.")] = 4,
    cpus: Annotated[int, typer.Option(min=1, help="CPU cores of each actor that embeds.")] = 1,
    gpus: Annotated[float, typer.Option(min=0, help="GPUs of each of these, or a share.")] = 0,
) -> None:
    """Make samples with vectors of all images of a bucket, on a Ray cluster.

    An interrupted command goes on where it was when it is run again: images whose paths are
    external IDs of samples are not read again. Workers predict the samples as they are added.
    Needs `pigeonhole[ray]` here and on each node.

    Example: pigeonhole embed Birds s3://photos/birds --ray 10.0.0.5:6379
    """
    with told():
        settings = begin("embed")
        url = _url(source)
        from pigeonhole.cluster.connection import connected

        row, expected = asyncio.run(_found(settings, function))
        with connected(ray):
            from pigeonhole.cluster import embedding

            scale = embedding.Scale(readers, embedders, cpus, gpus)
            try:
                embedding.check_room(scale)
            except ValueError as error:
                raise OperatorError(str(error)) from None
            try:
                about = embedding.description(row.encoder, settings.encoder_precision, scale)
            except (OSError, ValueError) as error:
                raise OperatorError(f"{row.encoder} does not load. {error}") from None
            _check_identity(about, expected)
            counts = embedding.embed(settings, row.id, url, about, scale, report=_reporter())
        _tell(counts, settings)


def _url(source: str) -> str:
    from pigeonhole.services.storage import open_source

    url = source if "://" in source else Path(source).resolve().as_uri()
    try:
        open_source(url)
    except ValueError as error:
        raise OperatorError(str(error)) from None
    return url


async def _found(settings: Settings, wanted: str) -> "tuple[Function, set[str]]":
    """Return the function, and the encoder's identities that workers compute for it, if known."""
    from pigeonhole.deployment.doctor import State, check_database
    from pigeonhole.kinds import Takes
    from pigeonhole.names import key
    from pigeonhole.services import workers
    from pigeonhole.services.services import open_services
    from pigeonhole.tables import Function

    check = await check_database(settings)
    if check.state is not State.OK:
        raise OperatorError(f"{check.found} {check.fix}")
    async with open_services(settings) as services:
        try:
            query = Function.filter(id=UUID(wanted.removeprefix("fn_")))
        except ValueError:
            query = Function.filter(name_key=key(wanted))
        row = await query.first()
        if row is None:
            raise OperatorError(f"There is no function {wanted!r}.")
        alive = [one for one in await workers.seen(services.redis) if Takes.EMBED in one.takes]
        expected = {identity for one in alive for identity in one.identities}
        if not expected and row.embedded_for:
            expected = {row.embedded_for}
        return row, expected


def _check_identity(about: "Description", expected: set[str]) -> None:
    if expected and about.identity not in expected:
        raise OperatorError(
            f"The cluster computes vectors of {about.identity}, the workers of "
            f"{', '.join(sorted(expected))}: they cannot be compared, and workers would embed all "
            "images again. Use nodes of the workers' kind, or an encoder service for both."
        )


def _reporter() -> Callable[["Counts", float], None]:
    said_at = 0.0

    def report(counts: "Counts", seconds: float) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= REPORT_S:
            said_at = time.monotonic()
            rate = counts.added / max(seconds, 0.001)
            typer.echo(f"{counts.added:,} images added, {rate:,.0f} a second", err=True)

    return report


def _tell(counts: "Counts", settings: Settings) -> None:
    """Print what became of the images; exit with status 2 if some could not become samples."""
    typer.echo(f"{counts.added:,} images were added; the function had {counts.known:,} already.")
    for at, (key, reason) in enumerate(sorted(counts.refused.items())):
        if at == SHOWN:
            typer.echo(f"... and {len(counts.refused) - SHOWN:,} more", err=True)
            break
        typer.echo(f"{key}: {reason}", err=True)
    if counts.full:
        raise OperatorError(
            f"The function has {settings.max_samples:,} samples, as many as "
            "PIGEONHOLE_MAX_SAMPLES allows. Raise it to go on."
        )
    if counts.refused:
        sys.exit(2)
