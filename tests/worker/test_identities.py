"""A sample has the identity of the encoder that embedded it; a new identity loses no model."""

import io
from copy import copy
from typing import Any

import pytest
from PIL import Image

from pigeonhole.encoders.preprocessing import VERSION
from pigeonhole.kinds import TrainingState
from pigeonhole.samples import retries
from pigeonhole.services import workers
from pigeonhole.services.services import Services
from pigeonhole.services.workers import Presence
from pigeonhole.tables import Embedding, Function, Model, Sample, TrainingRun
from pigeonhole.training import answers
from tests import build, make
from tests.conftest import RunJobs
from worker import tasks
from worker.waits import Waits


async def move(services: Services, function: Function, digits: str = "elsewhere") -> str:
    """Make the process compute slightly different numbers, as another processor does."""
    loaded = await services.encoding.loaded.get(function.encoder)
    loaded.encoder = encoder = copy(loaded.encoder)
    weights, _, version = encoder.identity.rsplit(":", 2)
    encoder.identity = f"{weights}:{digits}:{version}"
    return encoder.identity


async def settled(services: Services, run_jobs: RunJobs) -> None:
    """Run the owed work that the sweep finds."""
    await tasks.request_owed({"services": services, "waits": Waits()})
    await run_jobs()


async def trained(services: Services, run_jobs: RunJobs) -> Function:
    function = await build.function(services)
    await build.add_digits(services, function, 5)
    await build.add(services, function, [make.picture(seed) for seed in range(3)])
    await run_jobs()
    return function


async def test_after_a_move_to_another_processor_an_annotation_trains_on_all_annotations(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await trained(services, run_jobs)
    before = await build.active_model(function)
    identity = await move(services, function)

    other = await Sample.filter(label_id=None).first()
    assert other is not None
    await build.annotate(services, (other, "0"))
    await run_jobs()

    model = await build.active_model(function)
    assert (before.encoder_identity, model.encoder_identity) == (
        f"{identity.rsplit(':', 2)[0]}:{before.encoder_identity.rsplit(':', 2)[1]}:{VERSION}",
        identity,
    )
    assert model.version == before.version + 1
    runs = await TrainingRun.all().order_by("id")
    assert runs[-1].sample_count == 11
    assert runs[-1].kept_back is None


async def test_after_a_move_everything_is_embedded_again_and_then_used_for_training(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await trained(services, run_jobs)
    before = await build.active_model(function)
    identity = await move(services, function)
    rows = await Sample.all()
    told = await answers.of_samples(services, rows)
    assert len(told) == 13  # the old vectors are used until then

    await settled(services, run_jobs)

    await function.refresh_from_db()
    model = await build.active_model(function)
    assert function.embedded_for == model.encoder_identity == identity
    assert model.version == before.version + 1
    assert await Sample.filter(embedded=True, embedded_for=identity).count() == 13
    assert await Embedding.filter(encoder=identity).count() == 13
    assert await Embedding.filter(encoder=before.encoder_identity).count() == 13
    await settled(services, run_jobs)
    assert await Model.all().count() == model.version


async def test_workers_with_different_processors_do_not_embed_again_in_turns(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await trained(services, run_jobs)
    old = (await build.active_model(function)).encoder_identity
    await move(services, function)
    other = Presence(works=True, ready=True, identities={old})
    await workers.beat(services.redis, other)

    await settled(services, run_jobs)

    await function.refresh_from_db()
    assert function.embedded_for == old
    assert await Sample.filter(embedded_for=old).count() == 13
    await workers.leave(services.redis, other)


async def test_older_rows_without_an_identity_are_marked_and_not_computed_again(
    services: Services, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = await trained(services, run_jobs)
    model = await build.active_model(function)
    identity = model.encoder_identity
    await Sample.all().update(embedded_for=None)
    await Function.all().update(embedded_for=None)
    computed: list[Any] = []
    monkeypatch.setattr(
        type(services.encoding), "embed_stored", lambda *arguments: computed.append(arguments)
    )

    await settled(services, run_jobs)

    assert await Sample.filter(embedded_for=identity).count() == 13
    assert computed == []
    assert (await build.active_model(function)).id == model.id


async def test_a_model_that_left_out_more_samples_than_it_was_trained_on_is_not_activated(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await trained(services, run_jobs)
    before = await build.active_model(function)
    await move(services, function)
    annotated = await Sample.filter(label_id__isnull=False).order_by("id")
    for row in annotated[:6]:
        await services.storage.put(row.sha256, b"no picture")

    await settled(services, run_jobs)

    run = await TrainingRun.all().order_by("-id").first()
    assert run is not None
    assert (run.state, run.sample_count) == (TrainingState.SUCCEEDED, 4)
    assert run.kept_back == (
        "It learned from 4 samples, because the pictures of 6 annotated samples cannot be read."
    )
    assert (await build.active_model(function)).id == before.id
    assert await Sample.filter(unreadable__isnull=False).count() == 6

    for row, (data, _) in zip(annotated, build.digits(5), strict=True):
        await services.storage.put(row.sha256, data)
    await retries.read_again(services, [row.id for row in annotated])
    await run_jobs()

    assert await Sample.filter(unreadable__isnull=False).count() == 0
    assert await Sample.filter(embedded_for=None).count() == 0
    run = await TrainingRun.all().order_by("-id").first()
    assert run is not None
    assert run.sample_count == 10


@pytest.mark.parametrize(("version", "is_long_anew"), [("2", True), ("3", False)])
async def test_a_version_that_reads_some_pictures_otherwise_computes_only_those_anew(
    services: Services,
    run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    is_long_anew: bool,
) -> None:
    function = await trained(services, run_jobs)
    noise = Image.open(io.BytesIO(make.picture(5))).resize((480, 60))
    pictures = [make.encode(noise, "JPEG"), make.picture(6, format="JPEG")]
    [long, plain] = await build.add(services, function, pictures)
    await run_jobs()
    identity = (await build.active_model(function)).encoder_identity
    earlier = f"{identity.rsplit(':', 1)[0]}:{version}"
    await Embedding.filter(encoder=identity).update(encoder=earlier)
    await Sample.all().update(embedded_for=earlier)
    await Function.all().update(embedded_for=earlier)
    await Model.all().update(encoder_identity=earlier)
    services.encoding._vectors.clear()
    computed: list[str] = []
    embed = type(services.encoding).embed_stored

    async def note(encoding: Any, encoder: Any, sha256s: list[str]) -> None:
        computed.extend(sha256s)
        await embed(encoding, encoder, sha256s)

    monkeypatch.setattr(type(services.encoding), "embed_stored", note)

    await settled(services, run_jobs)

    pngs = {row.sha256 for row in await Sample.filter(media_type="image/png")}
    assert len(pngs) == 13
    assert set(computed) == pngs | ({long.sha256} if is_long_anew else set())
    assert plain.sha256 not in computed
    assert await Sample.filter(embedded_for=identity).count() == 15
    vectors = {row.sha256: row.vector for row in await Embedding.filter(encoder=identity)}
    before = {row.sha256: row.vector for row in await Embedding.filter(encoder=earlier)}
    assert vectors == before  # those of before were made in the same way, but for their name
    assert (await build.active_model(function)).encoder_identity == identity
