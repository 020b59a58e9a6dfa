"""A short run of the fault driver by a fixed seed in both deployments, and tests of its ledger."""

from pathlib import Path

import pytest

from tests.faults.backing import postgres_programs
from tests.faults.driver import drive
from tests.faults.ledger import ABSENT, Ledger
from tests.faults.world import many_processes, one_machine

OWED_S = 240.0
"""The run has to come, but not soon: other tests load the machine."""


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_one_machine_loses_nothing_when_its_processes_are_killed_and_its_disk_fills(
    tmp_path: Path,
) -> None:
    with one_machine(tmp_path) as world:
        report = await drive(world, seed=2, count=2, owed_s=OWED_S)

    assert report.wrong == []
    assert report.faults.total() == 2
    assert report.acknowledged > 0


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_many_processes_lose_nothing_when_their_services_go_away(
    tmp_path: Path,
) -> None:
    if postgres_programs() is None:
        pytest.skip("PostgreSQL's own programs are not installed")
    with many_processes(tmp_path) as world:
        report = await drive(world, seed=3, count=2, owed_s=OWED_S)

    assert report.wrong == []
    assert report.faults.total() == 2
    assert report.acknowledged > 0


def test_an_acknowledged_write_leaves_one_possible_state_and_an_unanswered_one_leaves_two() -> None:
    ledger = Ledger("fn")
    ledger.begin("a", "Soups")
    ledger.acknowledge("a", "Soups")
    ledger.begin("b", "Desserts")

    assert ledger.faults({"a": "Soups"}) == []
    assert ledger.faults({"a": "Soups", "b": "Desserts"}) == []
    assert (ledger.acknowledged, ledger.unknown) == (1, 1)


def test_a_try_that_was_given_up_may_be_carried_out_after_the_one_that_was_answered() -> None:
    ledger = Ledger("fn")
    for state in ("Soups", "Desserts"):
        ledger.begin("a", state)
        ledger.acknowledge("a", state)
    assert ledger.faults({"a": "Soups"}) == ["fn a: 'Soups' is none of {'Desserts'}"]

    ledger.give_up("a", "Soups")

    assert ledger.faults({"a": "Soups"}) == []
    assert ledger.faults({"a": "Desserts"}) == []


def test_lost_resurrected_and_unwritten_samples_are_reported() -> None:
    ledger = Ledger("fn")
    for sha256, state in (("lost", "Soups"), ("risen", ABSENT), ("other", "Soups")):
        ledger.begin(sha256, state)
        ledger.acknowledge(sha256, state)

    assert ledger.faults({"risen": "Soups", "other": "Desserts", "new": ""}) == [
        "fn lost: 'absent' is none of {'Soups'}",
        "fn risen: 'Soups' is none of {'absent'}",
        "fn other: 'Desserts' is none of {'Soups'}",
        "fn new: nobody added it",
    ]
