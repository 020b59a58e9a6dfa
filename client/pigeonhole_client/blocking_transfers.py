"""Imports into a function and exports of it, without coroutines."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pigeonhole_client.bars import bar
from pigeonhole_client.files.found import FileKind
from pigeonhole_client.importing import PARALLEL
from pigeonhole_client.loop import Loop
from pigeonhole_client.report import OnConflict, Report
from pigeonhole_client.transfers import AsyncFunctionTransfers, TableFormat, found_at


class FunctionTransfers:
    """Imports and exports of a function; `Function` has these methods."""

    _loop: Loop
    _function: AsyncFunctionTransfers

    def upload(
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
        progress: bool | None = None,
    ) -> Report:
        """Add images from folders, archives, tables and single files, with their labels.

        Like `AsyncFunction.upload`, with a progress bar on a terminal unless ``progress`` is False.
        """
        shown = sys.stderr.isatty() if progress is None else progress
        places = [Path(path) for path in paths]
        with bar(shown) as uploading:
            task = uploading.add_task("Uploading", total=_count(places, kind) if shown else None)
            return self._loop.run(
                self._function.upload(
                    *places,
                    labels_from_folders=labels_from_folders,
                    create_labels=create_labels,
                    on_conflict=on_conflict,
                    dry_run=dry_run,
                    settings=settings,
                    metadata=metadata,
                    kind=kind,
                    parallel=parallel,
                    advance=lambda: uploading.advance(task),
                )
            )

    def export(
        self,
        *,
        images: bool = True,
        format: TableFormat | None = None,
        expect: Callable[[int], object] = lambda size: None,
    ) -> Iterator[bytes]:
        """Yield a zip file, or the table alone; see `AsyncFunctionTransfers.export`."""
        return self._loop.each(self._function.export(images=images, format=format, expect=expect))

    def export_model(self, *, quantize: bool = False) -> Iterator[bytes]:
        """Yield a zip file of the active model that runs without Pigeonhole."""
        return self._loop.each(self._function.export_model(quantize=quantize))


def _count(paths: Iterable[Path], kind: FileKind | None) -> int:
    return sum(1 for _ in found_at(paths, False, kind=kind))
