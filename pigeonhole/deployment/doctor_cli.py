"""The command ``pigeonhole doctor``."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from pigeonhole.deployment.command import begin
from pigeonhole.settings import Settings, SettingsError


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
    storage: Annotated[
        bool, typer.Option("--storage", help="Also compare all stored pictures with the database.")
    ] = False,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="First correct file modes and apply pending migrations."),
    ] = False,
) -> None:
    """Check settings, data folder, database, keys, Redis, storage, encoder and workers."""
    from pigeonhole.deployment import doctor

    try:
        settings = begin("doctor")
        if fix:
            from pigeonhole.deployment.doctor_fix import mend

            for sentence in asyncio.run(mend(settings)):
                typer.echo(sentence, err=as_json)
        found = asyncio.run(_examine(settings, tell=not as_json, pictures=storage))
    except SettingsError as error:
        found = [
            doctor.Check("settings", doctor.State.PROBLEM, said, "Correct it.")
            for said in error.problems
        ]
        if not as_json:
            for each in found:
                _tell(each)
    well = all(each.state is not doctor.State.PROBLEM for each in found)
    if as_json:
        typer.echo(json.dumps({"ok": well, "checks": [asdict(each) for each in found]}, indent=2))
    raise typer.Exit(0 if well else 1)


async def _examine(settings: Settings, *, tell: bool, pictures: bool) -> "list[Any]":
    from pigeonhole.deployment import doctor

    found = []
    async for check in doctor.examine(settings, pictures=pictures):
        if tell:
            _tell(check)
        found.append(check)
    return found


def _tell(check: Any) -> None:
    color = {"ok": typer.colors.GREEN, "warning": typer.colors.YELLOW}.get(
        check.state, typer.colors.RED
    )
    state = typer.style(f"{check.state:<8}", fg=color, bold=True)
    typer.echo(f"{state} {check.name:<12} {check.found}")
    if check.fix:
        typer.echo(f"{'':<21} -> {check.fix}")
