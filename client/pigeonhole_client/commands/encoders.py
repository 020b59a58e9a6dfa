"""The command ``change-encoder``."""

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pigeonhole_client.commands.connection import Json, Key, Url, connected, print_json
from pigeonhole_client.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from pigeonhole_client.api.fragments import EncoderComparisonFields, FunctionEncoderFields
    from pigeonhole_client.blocking import Function, Pigeonhole

SWITCH, STOP, GO_BACK = "switch", "stop", "go back"
OPEN = ("EMBEDDING", "COMPARING", "WAITING")
"""States of a change that can be stopped."""


def change_encoder(
    function: Annotated[
        list[str] | None, typer.Argument(help="IDs or names of the functions.")
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Argument(
            help="Name of an encoder that the server has, such as bundled. Leave it out with "
            "--switch, --stop and --go-back."
        ),
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Change all functions that the key may see.")
    ] = False,
    compare_only: Annotated[
        bool,
        typer.Option(
            "--compare-only", help="Do not switch when the new model is there: --switch does."
        ),
    ] = False,
    switch: Annotated[
        bool, typer.Option("--switch", help="Switch now, even if the new model is worse.")
    ] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop the change; functions keep their encoder.")
    ] = False,
    go_back: Annotated[
        bool,
        typer.Option(
            "--go-back", help="Return to the encoder before, within 7 days of the switch."
        ),
    ] = False,
    wait: Annotated[
        bool, typer.Option(help="Wait until images are embedded and models compared.")
    ] = True,
    json_: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Change the image encoder of functions while they work.

    Workers embed all images with the new encoder, train a model and compare it; a function is
    switched unless its new model is worse. The change goes on if the command is interrupted, and
    the same command follows it again. Prints a line for each function. The exit status is 1 if one
    was not changed.

    Example: pigeonhole change-encoder Recipes Pets ViT-B-32-256/datacomp_s34b_b86k
    """
    action = _action(switch, stop, go_back)
    wanted = list(function or ())
    if action is None and encoder is None:
        raise typer.BadParameter("Name the encoder.")
    if action is not None and compare_only:
        raise typer.BadParameter("--compare-only begins a change, and the other option ends one.")
    if action is not None and encoder is not None:
        wanted.append(encoder)  # the last name is that of a function too
    if bool(wanted) == all_:
        raise typer.BadParameter("Name the functions before the encoder, or pass --all.")

    with connected(url, key) as server:
        chosen = _chosen(server, wanted, action)
        results = _Results(json_)
        if action is not None:
            for one in chosen:
                results.end(one, action)
        elif encoder is not None:
            begun = [one for one in chosen if results.begin(one, encoder, compare_only)]
            results.follow(begun, wait)
        if not chosen:
            typer.echo("There is no such function.", err=True)
    if results.failed:
        sys.exit(1)


def _action(switch: bool, stop: bool, go_back: bool) -> str | None:
    chosen = [name for name, given in ((SWITCH, switch), (STOP, stop), (GO_BACK, go_back)) if given]
    if len(chosen) > 1:
        raise typer.BadParameter("--switch, --stop and --go-back cannot be combined.")
    return chosen[0] if chosen else None


def _chosen(server: "Pigeonhole", wanted: list[str], action: str | None) -> "list[Function]":
    """Return the functions that are named; otherwise all, or those for which there is an action."""
    if wanted:
        return [server.function(name) for name in wanted]
    return [one for one in server.functions() if action is None or _allows(one, action)]


def _allows(function: "Function", action: str) -> bool:
    change = function.encoder_state().encoder_change
    if change is None:
        return False
    if action == GO_BACK:
        return change.can_go_back
    return change.state in (OPEN if action == STOP else ("WAITING",))


class _Results:
    """Changes what functions use, prints what came of it, and notes whether one failed."""

    def __init__(self, as_json: bool) -> None:
        self.failed, self._as_json = False, as_json

    def begin(self, function: "Function", encoder: str, compare_only: bool) -> bool:
        """Begin a change; return whether there is one to follow, which may be under way already."""
        try:
            function.change_encoder(encoder, switches_by_itself=not compare_only)
        except ConflictError as error:
            if error.path[-1:] == ("encoder",):  # it has this encoder
                self._print(function.encoder_state(), "uses this encoder already")
                return False
            change = function.encoder_state().encoder_change
            if change is None or change.encoder != encoder or change.state not in OPEN:
                self._fail(function, error)
                return False
        except NotFoundError as error:  # it was deleted a moment ago
            self._fail(function, error)
            return False
        return True

    def follow(self, functions: "list[Function]", wait: bool) -> None:
        """Follow changes until workers have done all for them, one after another."""
        shown = not self._as_json and sys.stderr.isatty()
        for number, function in enumerate(functions, 1):
            place = f" ({number} of {len(functions)})" if len(functions) > 1 else ""
            try:
                if wait:
                    with _Bar(function.name + place, shown=shown) as bar:
                        function.wait_for_encoder_change(bar.show)
                fields = function.encoder_state()
            except NotFoundError as error:  # it was deleted meanwhile
                self._fail(function, error)
                continue
            self._print(fields)
            if wait:
                self._judge(fields)

    def end(self, function: "Function", action: str) -> None:
        """Switch, stop or undo the change of a function."""
        calls: dict[str, Callable[[], object]] = {
            SWITCH: function.switch_encoder,
            STOP: function.stop_encoder_change,
            GO_BACK: function.go_back_to_encoder,
        }
        try:
            calls[action]()
            self._print(function.encoder_state())
        except (ConflictError, NotFoundError) as error:
            self._fail(function, error)

    def _judge(self, fields: "FunctionEncoderFields") -> None:
        """Note a change that did not come to what was asked for, and say what to do."""
        change = fields.encoder_change
        assert change is not None  # it was followed
        if change.state == "WAITING" and change.switches_by_itself:
            self._say(
                fields.name,
                "the new model is worse, so the function was not switched. Use --switch to switch "
                "it nevertheless, or --stop to keep the present encoder.",
            )
        elif change.state in ("STOPPED", "UNDONE"):
            self._say(fields.name, "the change was stopped.")

    def _fail(self, function: "Function", error: Exception) -> None:
        self._say(function.name, str(error))

    def _say(self, name: str, reason: str) -> None:
        self.failed = True
        typer.echo(f"error: {name}: {reason}", err=True)

    def _print(self, fields: "FunctionEncoderFields", remark: str = "") -> None:
        if self._as_json:
            print_json(fields.model_dump(mode="json", by_alias=True))
            return
        typer.echo("  ".join(_words(fields, remark)))


def _words(fields: "FunctionEncoderFields", remark: str) -> Iterable[str]:
    yield from (fields.id, fields.name)
    change = fields.encoder_change
    if remark or change is None:
        yield from (fields.encoder, remark)
        return
    yield change.state.value
    yield f"{change.encoder_before} -> {change.encoder}"
    yield f"{change.embedded_count:,} of {fields.sample_counts.total:,} embedded"
    if change.comparison is not None:
        yield from _compared(change.comparison)


def _compared(found: "EncoderComparisonFields") -> Iterable[str]:
    if found.accuracy_before is not None and found.accuracy_after is not None:
        yield f"accuracy {found.accuracy_before:.1%} -> {found.accuracy_after:.1%}"
    if found.log_loss_before is not None and found.log_loss_after is not None:
        yield f"log loss {found.log_loss_before:.3f} -> {found.log_loss_after:.3f}"
    yield f"{found.gained_count:,} gained and {found.lost_count:,} lost of {found.sample_count:,}"
    yield f"{found.milliseconds_before:.1f} -> {found.milliseconds_after:.1f} ms per image"


class _Bar:
    """A live bar of a function: images embedded with the new encoder."""

    def __init__(self, name: str, *, shown: bool) -> None:
        from rich.console import Console
        from rich.progress import MofNCompleteColumn, Progress

        columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn())
        self._progress = Progress(
            *columns, console=Console(stderr=True), transient=True, disable=not shown
        )
        self._name = name
        self._task = self._progress.add_task(f"{name}: images embedded", total=None)

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._progress.stop()

    def show(self, fields: "FunctionEncoderFields") -> None:
        """Show the newest state."""
        change = fields.encoder_change
        if change is not None:
            comparing = change.state == "COMPARING"
            self._progress.update(
                self._task,
                completed=change.embedded_count,
                total=fields.sample_counts.total,
                description=f"{self._name}: {'comparing' if comparing else 'images embedded'}",
            )
