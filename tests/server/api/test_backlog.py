"""Waiting work, workers, and unreadable pictures in the API."""

import pytest

from pigeonhole.kinds import Takes
from pigeonhole.services import workers
from pigeonhole.services.services import Services
from pigeonhole.services.workers import Presence
from pigeonhole.tables import Sample, TrainingRun
from server import ids
from tests import build, make
from tests.client import Client
from tests.conftest import RunJobs

BACKLOG = """{ backlog { warning workers { alive ready processId }
  work { kind functions jobs oldestSeconds } } }"""


async def test_the_backlog_has_waiting_work_and_workers(client: Client, services: Services) -> None:
    function = await build.function(services)
    await build.add(services, function, [make.picture(1)], ["0"])

    backlog = (await client.ask(BACKLOG))["backlog"]

    waits = {work["kind"]: (work["functions"], work["jobs"]) for work in backlog["work"]}
    assert waits == {"TRAIN": (1, 1), "EMBED": (1, 1), "ANSWER": (0, 0)}
    assert all((work["oldestSeconds"] is None) == (work["jobs"] == 0) for work in backlog["work"])
    assert (backlog["warning"], backlog["workers"]) == ("No worker has been seen.", [])


async def test_a_lost_worker_is_reported_with_its_last_sign_of_life(
    client: Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Presence(works=True)
    await workers.beat(services.redis, worker)
    starting = (await client.ask(BACKLOG))["backlog"]
    worker.ready = True
    await workers.beat(services.redis, worker)
    well = (await client.ask(BACKLOG))["backlog"]
    seconds, _ = await services.redis.time()
    await services.redis.zadd("pigeonhole:workers", {worker.id: seconds - 40})
    lost = (await client.ask(BACKLOG))["backlog"]

    assert starting["warning"] == "A worker is starting: it loads its models."
    assert well["warning"] is None
    assert [(one["alive"], one["ready"]) for one in well["workers"]] == [(True, True)]
    assert lost["warning"] in (
        "No worker has been seen for 40 s.",
        "No worker has been seen for 41 s.",
    )
    assert [one["alive"] for one in lost["workers"]] == [False]


async def test_a_kind_of_jobs_that_no_worker_takes_is_reported(
    client: Client, services: Services
) -> None:
    trainer = Presence(works=True, ready=True, takes=frozenset({Takes.TRAIN}))
    embedder = Presence(works=True, ready=True, takes=frozenset({Takes.EMBED}))

    await workers.beat(services.redis, trainer)
    alone = (await client.ask(BACKLOG))["backlog"]["warning"]
    await workers.beat(services.redis, embedder)
    together = (await client.ask(BACKLOG))["backlog"]["warning"]

    assert (alone, together) == ("No worker takes embed jobs.", None)


async def test_an_unreadable_picture_is_reported_and_can_be_retried(
    client: Client, services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    [row] = await build.add(services, function, [make.picture(1)], ["0"])
    data = await services.storage.get(row.sha256)
    await services.storage.put(row.sha256, b"no picture")
    await run_jobs()
    id = ids.encode(ids.Kind.SAMPLE, row.id)
    shown = "query ($id: ID!) { node(id: $id) { ... on Sample { unreadable } } }"
    assert (await client.ask(shown, id=id))["node"]["unreadable"].startswith(
        "This is a text, not an image."
    )

    await services.storage.put(row.sha256, data)
    again = await client.ask(
        """mutation ($input: RetrySamplesInput!) { retrySamples(input: $input) {
             errors { code } samples { id unreadable } } }""",
        input={"sampleIds": [id]},
    )
    await run_jobs()

    assert again["retrySamples"] == {"errors": [], "samples": [{"id": id, "unreadable": None}]}
    assert await Sample.filter(embedded=True, unreadable=None).count() == 1
    run = await TrainingRun.all().order_by("-id").first()
    assert run is not None
    assert run.sample_count == 1


async def test_a_run_reports_what_it_waits_for(client: Client, services: Services) -> None:
    function = await build.function(services)
    run = await TrainingRun.create(function_id=function.id, replaces=0, waiting_for="the database")

    found = await client.ask(
        "query ($id: ID!) { node(id: $id) { ... on TrainingRun { waitingFor } } }",
        id=ids.encode(ids.Kind.TRAINING_RUN, run.id),
    )

    assert found["node"] == {"waitingFor": "the database"}
