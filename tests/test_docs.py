"""Error codes, scopes, commands, options, webhook events and metrics are documented.

Settings have a test of their own, in `test_settings.py`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from prometheus_client import Counter, Gauge, Histogram

from pigeonhole.deployment.cli import app
from pigeonhole.errors import PigeonholeError
from pigeonhole.kinds import ApiKeyScope, WebhookEvent
from pigeonhole.services import metrics
from server.api.types.shared import ErrorCode
from server.transport.codes import Code

ROOT = Path(__file__).parents[1]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return one section of the operations guide."""
    return OPERATIONS.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_column(title: str) -> list[str]:
    """Return the code in the first cell of each row of a section's table."""
    return re.findall(r"^\| `([^`]+)` \|", section(title), re.M)


def domain_codes(error: type[PigeonholeError]) -> Iterator[str]:
    """Return the codes of all subclasses of an error in the product."""
    for kind in error.__subclasses__():
        if not kind.__module__.startswith("tests."):
            yield kind.code
        yield from domain_codes(kind)


def source(*folders: str) -> str:
    """Return the text of all modules in folders."""
    return "\n".join(
        path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    )


def commands(command: Any, words: str) -> Iterator[tuple[str, Any]]:
    """Yield each command with the words that call it, also those in groups."""
    if hasattr(command, "commands"):
        for name, child in command.commands.items():
            yield from commands(child, f"{words} {name}")
    else:
        yield words, command


def test_the_documented_error_codes_are_those_of_the_code_and_the_schema() -> None:
    codes = [*set(domain_codes(PigeonholeError)), *Code]

    assert len(codes) == len(set(codes))
    assert set(first_column("Errors")) == set(codes)
    assert set(ErrorCode.__members__) == set(codes)


def test_no_error_code_is_written_as_a_literal() -> None:
    """A class of the domain's errors or an enum defines each code once."""
    literal = re.compile(r"""["']code["']: *f?["']|\bcode=f?["']""")
    literals = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("pigeonhole", "server", "worker")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if literal.search(line)
    ]

    assert literals == []


def test_every_scope_is_documented() -> None:
    rows = re.findall(r"^\| `([A-Z]+)` \|", section("Access"), re.M)

    assert rows == [scope.name for scope in ApiKeyScope]


def test_every_webhook_event_is_documented() -> None:
    cells = re.findall(r"^\| (`[a-z]+\.[^|]+) \|", section("Webhooks"), re.M)

    assert re.findall("`([^`]+)`", " ".join(cells)) == [event.value for event in WebhookEvent]


def test_every_command_and_each_of_its_options_is_documented() -> None:
    rows = re.findall(
        r"^\| `(pigeonhole(?: [a-z][a-z-]*)+)[^`]*` \| (.*) \|$", section("Commands"), re.M
    )
    documented = {words.strip(): set(re.findall(r"`(--[a-z0-9-]+)`", text)) for words, text in rows}

    assert documented == {
        words: {
            option
            for parameter in command.params
            if not getattr(parameter, "hidden", False)
            for option in (*parameter.opts, *parameter.secondary_opts)
            if option.startswith("--") and not option.startswith("--no-")
        }
        for words, command in commands(typer.main.get_command(app), "pigeonhole")
    }


def test_every_global_option_and_every_variable_of_an_option_is_documented() -> None:
    program = typer.main.get_command(app)
    every = [program, *(command for _, command in commands(program, "pigeonhole"))]
    variables = [parameter.envvar for command in every for parameter in command.params]
    named = {
        *(option for parameter in program.params for option in parameter.opts),
        *(name for each in variables if each for name in ([each] if type(each) is str else each)),
    }

    documented = set(re.findall(r"`(?:pigeonhole )?(--[a-z-]+|[A-Z][A-Z_]+)`", OPERATIONS))
    assert {"--version", "PIGEONHOLE_KEY", "HOST"} < named
    assert named - {"--show-completion"} <= documented


def test_every_metric_is_documented_with_its_type_and_its_description() -> None:
    rows = re.findall(r"^\| `(pigeonhole_\w+)` \| (\w+) \| (.*) \|$", section("Metrics"), re.M)
    documented = {(name, kind, text.replace("`", "")) for name, kind, text in rows}

    families = [
        family
        for metric in vars(metrics).values()
        if isinstance(metric, Counter | Gauge | Histogram)
        for family in metric.collect()
    ]
    made = re.findall(
        r'(?:Counter|Gauge|Histogram|Summary|Info|Enum)\(\s*"(\w+)"',
        source("pigeonhole", "server", "worker"),
    )

    assert sorted(made) == sorted(family.name for family in families)
    assert documented == {
        (
            f"{family.name}_total" if family.type == "counter" else family.name,
            family.type,
            family.documentation.replace("`", ""),
        )
        for family in families
    }
