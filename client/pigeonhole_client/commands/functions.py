"""The commands ``functions``, ``create``, ``annotate``, ``train``, ``status`` and ``invoke``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pigeonhole_client.commands.connection import (
    FunctionName,
    Json,
    Key,
    Url,
    connected,
    print_json,
)
from pigeonhole_client.errors import ImageError, PigeonholeError, UnusableFileError

if TYPE_CHECKING:
    from pigeonhole_client.api.fragments import FunctionFields

Labels = Annotated[
    list[str] | None, typer.Option("--label", help="Label to create; may be repeated.")
]


def functions(
    contains: Annotated[
        str | None, typer.Option(help="Only functions whose name contains this text.")
    ] = None,
    json_: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """List the functions that the key may see, with their accuracy.

    Example: pigeonhole functions --json
    """
    with connected(url, key) as server:
        for function in server.functions(contains):
            _print(function.fields, json_)


def create(
    name: Annotated[str, typer.Argument(help="Name of the new function.")],
    label: Labels = None,
    json_: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Create a function, optionally with labels.

    Example: pigeonhole create Recipes --label Soups --label Desserts
    """
    with connected(url, key) as server:
        made = server.create_function(name, labels=label or [])
        if json_:
            _print(made.fields, True)
        else:
            typer.echo(made.id)


def annotate(
    function: FunctionName,
    label: Annotated[str, typer.Argument(help="Label, which is created if there is none.")],
    samples: Annotated[
        list[str],
        typer.Argument(help="IDs of samples, or image files, which are added if they are new."),
    ],
    url: Url = None,
    key: Key = None,
) -> None:
    """Annotate samples with a label.

    Example: pigeonhole annotate Recipes Soups photos/1.jpg photos/2.jpg
    """
    with connected(url, key) as server:
        found = server.function(function)
        ids = [one for one in samples if one.startswith("sm_") and not Path(one).exists()]
        found.annotate(label, ids)
        for one in samples:
            if one not in ids:
                found.add(one, label=label)
        typer.echo(f"{len(samples)} annotated as {label}.")


def train(
    function: FunctionName,
    wait: Annotated[bool, typer.Option(help="Wait until the run has finished.")] = True,
    json_: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Start training, and wait until it has finished. The exit status is 1 if it fails.

    Example: pigeonhole train Recipes --no-wait
    """
    with connected(url, key) as server:
        found = server.function(function)
        found.train()
        if wait:
            with _Bars(found.name, shown=not json_ and sys.stderr.isatty()) as bars:
                found.wait_until_trained(bars.show)
        _print(found.fields, json_)


def status(
    function: FunctionName,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Follow changes until Ctrl-C; with --json, one per line."),
    ] = False,
    json_: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Print the state of a function: samples, training and accuracy.

    Example: pigeonhole status Recipes --watch
    """
    with connected(url, key) as server:
        found = server.function(function)
        if not watch:
            _print(found.fields, json_)
        elif json_:
            for fields in found.changes():
                _print(fields, True)
        else:
            with _Bars(found.name, shown=True) as bars:
                for fields in found.changes():
                    bars.show(fields)


def invoke(
    function: FunctionName,
    files: Annotated[list[str], typer.Argument(help="Image files, or their URLs.")],
    json_: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Classify images. The exit status is 2 if one could not be classified.

    Prints a line for each image: file, label, confidence and decision, separated by tabs; with
    --json, a JSON object.

    Example: pigeonhole invoke Recipes new.jpg other.jpg --json
    """
    refused = False
    with connected(url, key) as server:
        found = server.function(function)
        for file in files:
            try:
                said = found.invoke(file)
            except PigeonholeError as error:
                if not _is_of_one_file(error):
                    raise
                refused = True
                typer.echo(f"error: {file}: {error}", err=True)
                continue
            if json_:
                print_json({"file": file, **said.as_json()})
            else:
                typer.echo(f"{file}\t{said.label}\t{said.confidence:.3f}\t{said.decision.value}")
    if refused:
        sys.exit(2)


def _is_of_one_file(error: PigeonholeError) -> bool:
    """Return whether an error only affects one image, and not all further ones."""
    return isinstance(error, ImageError | UnusableFileError)


def _print(fields: "FunctionFields", as_json: bool) -> None:
    from pigeonhole_client.models import Estimate

    if as_json:
        print_json(fields.model_dump(mode="json", by_alias=True))
        return
    model = fields.model
    accuracy = Estimate.of(model.metrics.accuracy) if model else None
    counts = fields.sample_counts
    typer.echo(
        f"{fields.id}  {fields.name}  {fields.state.value}  "
        f"{counts.annotated:,} of {counts.total:,} annotated  "
        f"accuracy {accuracy if accuracy is not None else 'not known yet'}"
    )


class _Bars:
    """Live bars of a function: embedded samples and progress of training."""

    def __init__(self, name: str, *, shown: bool) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self._progress = Progress(console=Console(stderr=True), disable=not shown)
        self._embedded = self._progress.add_task(f"{name}: images embedded", total=None)
        self._trained = self._progress.add_task("training", total=1.0)

    def __enter__(self) -> "_Bars":
        self._progress.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._progress.stop()

    def show(self, fields: "FunctionFields") -> None:
        """Show the newest state."""
        counts = fields.sample_counts
        self._progress.update(self._embedded, completed=counts.embedded, total=counts.total)
        for run in fields.training_runs.nodes:
            said = run.waiting_for and f"waiting for {run.waiting_for}"
            stage = said or run.stage.value.lower().replace("_", " ")
            self._progress.update(
                self._trained, completed=run.progress, description=f"training: {stage}"
            )
