"""Changes of encoder by the client and the command, on a running product."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pigeonhole_client import AsyncPigeonhole, ConflictError, InvalidError, Pigeonhole

from tests import encoder, make
from tests.pigeonhole_client.served import Served, serving

COUNT = 60
SHOWN = f"{encoder.SMALLEST}/smallest.pt"


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small encoder that has learned nothing."""
    return encoder.save_smallest(tmp_path_factory.mktemp("weak"))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, weak: str) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), weak) as running:
        yield running


@pytest.fixture(scope="module")
def ph(served: Served) -> Iterator[Pigeonhole]:
    with Pigeonhole(served.url, key=served.key) as opened:
        yield opened


@pytest.fixture
def digits(ph: Pigeonhole) -> Iterator[str]:
    """The name of a function with a model, which uses the weak encoder."""
    made = ph.create_function("Digits")
    for seed, (picture, name) in enumerate(zip(*make.digits(COUNT), strict=True)):
        made.add(make.colored(picture, seed), label=name)
    made.wait_until_trained()
    yield made.name
    made.delete()


def states(printed: str) -> list[tuple[str, str, str]]:
    """The name, encoder and state of change of each function that was printed."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in printed.splitlines()]
    return [(one["name"], one["encoder"], one["encoderChange"]["state"]) for one in lines]


def test_the_client_changes_an_encoder_and_goes_back(
    ph: Pigeonhole, digits: str, weak: str
) -> None:
    function = ph.function(digits)
    seen = []
    with pytest.raises(ConflictError, match="never been changed"):
        function.wait_for_encoder_change()
    with pytest.raises(InvalidError, match="is no encoder"):
        function.change_encoder("nothing")

    begun = function.change_encoder("bundled")
    ended = function.wait_for_encoder_change(lambda fields: seen.append(fields.name))
    there = function.encoder_state()
    back = function.go_back_to_encoder()

    assert {one.name: one.is_here for one in ph.encoders()}["bundled"] is True
    assert (begun.state, begun.encoder_before, begun.switches_by_itself) == (
        "EMBEDDING",
        weak,
        True,
    )
    assert (ended.state, ended.embedded_count, ended.can_go_back) == ("SWITCHED", COUNT, True)
    assert ended.comparison is not None
    assert (ended.comparison.sample_count, ended.comparison.worse) == (COUNT, False)
    assert set(seen) == {digits}
    assert there.encoder == "bundled"
    assert back.state == "UNDONE"
    assert next(function.encoder_changes()).encoder == SHOWN


async def test_coroutines_change_an_encoder_when_they_are_told_to(
    served: Served, digits: str
) -> None:
    async with AsyncPigeonhole(served.url, served.key) as server:
        function = await server.function(digits)
        await function.change_encoder("bundled", switches_by_itself=False)
        waiting = await function.wait_for_encoder_change()
        switched = await function.switch_encoder()
        with pytest.raises(ConflictError, match="not being changed"):
            await function.stop_encoder_change()
        measured = {one.name: one.milliseconds for one in await server.encoders()}

    assert (waiting.state, switched.state) == ("WAITING", "SWITCHED")
    assert waiting.comparison is not None
    assert measured["bundled"] == waiting.comparison.milliseconds_after


def test_the_command_changes_one_function_and_says_how_the_models_compare(
    served: Served, digits: str, weak: str
) -> None:
    run = served.command

    compared = run("change-encoder", digits, "bundled", "--compare-only", "--json")
    followed = run("change-encoder", digits, "bundled")
    switched = run("change-encoder", "--switch", digits, "--json")
    again = run("change-encoder", digits, "bundled")
    worse = run("change-encoder", digits, weak, status=1)
    stopped = run("change-encoder", "--stop", digits, "--json")
    refused = run("change-encoder", "--stop", digits, status=1)

    assert states(compared) == [(digits, SHOWN, "WAITING")]
    assert f"{digits}  WAITING  {weak} -> bundled  {COUNT} of {COUNT} embedded  acc" in followed
    assert f"lost of {COUNT}  " in followed
    assert states(switched) == [(digits, "bundled", "SWITCHED")]
    assert f"{digits}  bundled  uses this encoder already" in again
    assert f"{digits}  WAITING  bundled -> {weak}" in worse
    assert f"error: {digits}: the new model is worse, so the function was not switched." in worse
    assert states(stopped) == [(digits, "bundled", "STOPPED")]
    assert f"error: {digits}: The encoder of this function is not being changed." in refused


def test_the_command_changes_all_functions_and_goes_back_with_all(
    served: Served, ph: Pigeonhole, digits: str
) -> None:
    run, empty = served.command, ph.create_function("Empty", labels=["A"])

    run("change-encoder", digits, "bundled", "--compare-only", "--no-wait")
    ended = run("change-encoder", "--all", "--stop", "--json")
    changed = run("change-encoder", "--all", "bundled", "--json")
    back = run("change-encoder", "--all", "--go-back", "--json")
    none = run("change-encoder", "--all", "--switch")

    assert states(ended) == [(digits, SHOWN, "STOPPED")]
    assert states(changed) == [(name, "bundled", "SWITCHED") for name in (digits, "Empty")]
    assert states(back) == [(name, SHOWN, "UNDONE") for name in (digits, "Empty")]
    assert none == "There is no such function.\n"
    empty.delete()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((), 2, "Name the encoder."),
        (("bundled",), 2, "Name the functions before the encoder, or pass --all."),
        (("--all", "Digits", "bundled"), 2, "Name the functions before the encoder"),
        (("--stop",), 2, "Name the functions before the encoder, or pass --all."),
        (("--stop", "--go-back", "Digits"), 2, "cannot be combined"),
        (("--stop", "--compare-only", "Digits"), 2, "begins a change"),
        (("Nothing", "bundled"), 1, "error: Function 'Nothing' not found at http"),
    ],
)
def test_a_command_line_that_makes_no_sense_changes_nothing(
    served: Served, words: tuple[str, ...], status: int, said: str
) -> None:
    assert said in " ".join(served.command("change-encoder", *words, status=status).split())


def test_an_encoder_that_the_server_lacks_is_refused(served: Served, digits: str) -> None:
    refused = served.command("change-encoder", digits, "ViT-B-32/openai", status=1)

    assert "error: The weights of ViT-B-32/openai are not on this machine." in refused
