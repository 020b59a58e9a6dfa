"""The command ``accept``."""

from datetime import datetime
from typing import Annotated

import typer

from pigeonhole_client.commands.connection import (
    FunctionName,
    Json,
    Key,
    Url,
    connected,
    print_json,
)


def accept(
    function: FunctionName,
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Least confidence of the predictions, from 0 to 1.")
    ] = 0.95,
    dry_run: Annotated[
        bool, typer.Option(help="Print the number and the expected errors, and accept nothing.")
    ] = False,
    undo: Annotated[
        str | None,
        typer.Option(help="Time of an acceptance to undo, as `accept` printed it."),
    ] = None,
    json_: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Annotate samples with predictions that are sure enough, or undo that.

    Samples with an annotation stay as they are, and models do not learn from accepted predictions.

    Example: pigeonhole accept Recipes --min-confidence 0.98
    """
    with connected(url, key) as server:
        found = server.function(function)
        if undo is not None:
            try:
                at = datetime.fromisoformat(undo.replace("Z", "+00:00"))
            except ValueError:
                raise typer.BadParameter("It must be a time as `accept` printed it.") from None
            count = found.undo_acceptance(at)
            said = f"{count:,} annotations removed."
            _print({"cleared": count}, said, json_)
            return
        wanted = found.acceptable_predictions(min_confidence)
        expected = f"{wanted.expected_errors:.1f} of them are expected to be wrong"
        result = {"acceptable": wanted.count, "expectedErrors": wanted.expected_errors}
        if dry_run:
            _print(result, f"{wanted.count:,} would be accepted; {expected}.", json_)
            return
        done = found.accept_predictions(min_confidence, version=wanted.version)
        time = done.at and done.at.isoformat()
        said = f"{done.count:,} accepted; {expected}."
        hint = f" To undo: --undo {time}" if time else ""
        _print({**result, "accepted": done.count, "acceptedAt": time}, said + hint, json_)


def _print(result: object, said: str, as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        typer.echo(said)
