"""Imports into a function and exports of it, for coroutines."""

from collections.abc import AsyncGenerator, Callable, Iterable
from pathlib import Path
from typing import Literal

from pigeonhole_client.files.exported import exported_at
from pigeonhole_client.files.found import FileKind, Found, find
from pigeonhole_client.importing import PARALLEL, Import
from pigeonhole_client.report import OnConflict, Report
from pigeonhole_client.restoring import restore
from pigeonhole_client.transport import Transport

TableFormat = Literal["csv", "jsonl"]
"""Format of a table that is exported alone."""


class AsyncFunctionTransfers:
    """Imports and exports of a function; `AsyncFunction` has these methods."""

    _api: Transport

    @property
    def id(self) -> str:
        """The function's ID."""
        raise NotImplementedError

    async def upload(
        self,
        *paths: str | Path,
        labels_from_folders: bool = False,
        create_labels: bool = False,
        on_conflict: OnConflict = OnConflict.KEEP,
        dry_run: bool = False,
        settings: bool = False,
        metadata: bool = True,
        kind: FileKind | None = None,
        parallel: int = PARALLEL,
        advance: Callable[[], object] = lambda: None,
    ) -> Report:
        """Add images from folders, archives, tables and single files, with their labels.

        An image that the function already has, by its bytes, is not added twice, so the same call
        continues after an interruption. Refused images are in the report, with the reason.

        Args:
            paths: Folders, zip or tar archives, tables (CSV, TSV, JSON Lines, JSON), images.
            labels_from_folders: Use the name of an image's folder as its label.
            create_labels: Create labels that do not exist; otherwise such images are refused.
            on_conflict: What to do with an image that already has another label.
            settings: Also set the function's settings and the descriptions of its labels as in a
                folder or zip file that `export` made.
            metadata: Keep the other columns of tables as the samples' metadata.
            kind: What the files among the paths are. None: as their names end.
            dry_run: Report what would happen, without changing anything.
            parallel: Concurrent requests, each of about 20 images.
            advance: Called once for each image.

        Raises:
            UnusableFileError: A path cannot be imported.
        """
        places = [Path(path) for path in paths]
        for exported in filter(None, map(exported_at, places)):
            if not dry_run:
                await restore(
                    self._api, self.id, exported, create_labels=create_labels, settings=settings
                )
        run = Import(
            self._api,
            self.id,
            create_labels=create_labels,
            on_conflict=on_conflict,
            dry_run=dry_run,
            parallel=parallel,
            advance=advance,
        )
        return await run.run(found_at(places, labels_from_folders, metadata, kind))

    def export(
        self,
        *,
        images: bool = True,
        format: TableFormat | None = None,
        expect: Callable[[int], object] = lambda size: None,
    ) -> AsyncGenerator[bytes, None]:
        """Yield a zip file of all samples and their data, or the table alone.

        Args:
            images: Include the images in the zip file.
            format: Format of the table that is wanted alone. None: a zip file.
            expect: Called once with the approximate number of bytes, if the server knows it.
        """
        query = f"?format={format}" if format else "" if images else "?images=false"
        return self._api.download(f"/v1/functions/{self.id}/export{query}", expect)

    def export_model(self, *, quantize: bool = False) -> AsyncGenerator[bytes, None]:
        """Yield a zip file of the active model that runs without Pigeonhole."""
        precision = "int8" if quantize else "float32"
        return self._api.download(f"/v1/functions/{self.id}/model?precision={precision}")


def found_at(
    paths: Iterable[Path],
    labels_from_folders: bool,
    metadata: bool = True,
    kind: FileKind | None = None,
) -> Iterable[Found]:
    """Yield the images in paths, one after another."""
    for path in paths:
        yield from find(path, labels_from_folders=labels_from_folders, metadata=metadata, kind=kind)
