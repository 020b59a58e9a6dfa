"""A server and a worker whose encoder is in a service: nothing is loaded here, and outages pass."""

from collections.abc import Iterator
from copy import copy

import pytest

from pigeonhole import encoders, invocation
from pigeonhole.encoders import remote
from pigeonhole.services import outages
from pigeonhole.services.services import Services
from pigeonhole.settings import Settings
from pigeonhole.tables import Sample
from pigeonhole.training import embed
from server.app import create_app
from server.web import health
from tests import build, make
from tests.client import Client
from tests.conftest import RunJobs, load_once
from tests.pigeonhole.encoders.encoder_service import SECRET, EncoderService
from tests.pigeonhole.running import WITHIN_S


@pytest.fixture
def kind() -> str:
    """One kind of database is enough: nothing here depends on it."""
    return "embedded"


@pytest.fixture
def service(small_encoder: str) -> Iterator[EncoderService]:
    with EncoderService(small_encoder, load_once(small_encoder)).running() as running:
        yield running


@pytest.fixture
def settings(
    settings: Settings, service: EncoderService, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.delattr(encoders, "load")
    changes = {"encoder_url": service.url, "encoder_secret": SECRET, "encoder_wait_s": WITHIN_S}
    return settings.model_copy(update=changes)


def wait(services: Services, timeout_s: float) -> None:
    """Change how long requests to the service are repeated."""
    assert services.encoding.loaded.service is not None
    services.encoding.loaded.service.timeout_s = timeout_s


async def test_samples_are_embedded_and_images_invoked_without_weights_in_this_process(
    services: Services, run_jobs: RunJobs, client: Client, service: EncoderService
) -> None:
    function = await build.function(services)
    await build.add_digits(services, function, 5)
    await run_jobs()

    answered = await invocation.invoke(services, function.id, build.unseen_digit("0"))

    model = await build.active_model(function)
    assert model.encoder_identity == service.encoder.identity
    assert answered.prediction.model.id == model.id
    assert (await client.http.get("/readyz")).json()["encoder"] == "ok"
    assert {asked.rpartition("/")[2] for asked in service.asked} >= {"images", "texts"}


async def test_without_the_service_invocations_are_refused_and_samples_wait(
    services: Services,
    run_jobs: RunJobs,
    client: Client,
    service: EncoderService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "PROBE_S", 0.0)
    function = await build.function(services)
    await build.add_digits(services, function, 5)
    await run_jobs()
    wait(services, 0.3)
    service.statuses += [503] * 1_000

    with pytest.raises(remote.AwayError) as caught:
        await invocation.invoke(services, function.id, make.picture(1))
    [added] = await build.add(services, function, [make.picture(2)])
    await run_jobs()
    ready = await client.http.get("/readyz")

    assert outages.passing(caught.value) == outages.ENCODER
    assert (await Sample.get(id=added.id)).embedded_for is None
    assert (ready.status_code, ready.json()["encoder"]) == (503, "failed: AwayError")

    service.statuses.clear()
    wait(services, WITHIN_S)
    await embed.embed_function(services, function.id)
    assert (await Sample.get(id=added.id)).embedded_for == service.encoder.identity
    assert (await client.http.get("/readyz")).status_code == 200


async def test_a_server_that_starts_before_the_service_waits_for_it(
    services: Services, service: EncoderService
) -> None:
    service.statuses += [503] * 5
    app = create_app(services.settings, services)

    async with app.router.lifespan_context(app):
        await app.state.encoder_loading

    assert service.statuses == []
    assert services.encoding.loaded.identities == {service.spec: service.encoder.identity}


async def test_after_the_service_has_another_encoder_samples_are_embedded_again(
    services: Services, run_jobs: RunJobs, service: EncoderService
) -> None:
    function = await build.function(services)
    samples = await build.add_digits(services, function, 5)
    await run_jobs()
    service.encoder = other = copy(service.encoder)
    weights, _, version = other.identity.rsplit(":", 2)
    other.identity = f"{weights}:elsewhere:{version}"
    wait(services, 0.3)

    with pytest.raises(remote.ChangedError):
        await invocation.invoke(services, function.id, make.picture(1))
    await embed.embed_function(services, function.id)
    await run_jobs()

    rows = await Sample.filter(id__in=[sample.id for sample in samples])
    assert {row.embedded_for for row in rows} == {other.identity}
    answered = await invocation.invoke(services, function.id, build.unseen_digit("0"))
    assert answered.prediction.model.function_id == function.id
