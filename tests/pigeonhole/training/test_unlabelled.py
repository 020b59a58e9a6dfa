"""Training also uses samples without annotations."""

import numpy as np

from pigeonhole import functions
from pigeonhole.services.services import Services
from pigeonhole.tables import Model
from pigeonhole.training import runs, vectors_learned
from tests import build
from tests.conftest import RunJobs


async def test_a_function_also_learns_from_samples_without_annotations_unless_the_setting_is_off(
    services: Services, run_jobs: RunJobs
) -> None:
    function = await build.function(services)
    await build.add_digits(services, function, 3)
    waiting = await build.add_digits(services, function, 12, skip=3, annotated=False)
    await run_jobs()
    encoder = await services.encoding.load(function.encoder)
    newest = await vectors_learned.unlabelled(services, encoder, function, 6)
    known = await services.encoding.known(encoder, [waiting[-1].sha256])
    assert newest is not None
    assert len(newest) == 24
    np.testing.assert_array_equal(newest[-1], known[waiting[-1].sha256].astype(np.float32))
    assert await vectors_learned.unlabelled(services, encoder, function, 601) is None
    await runs.start(services, function.id)
    await run_jobs()
    before = await Model.all().order_by("-version").first()

    changed = await functions.update(services, function.id, {"learns_from_unlabelled": False})

    await run_jobs()
    after = await Model.all().order_by("-version").first()
    assert before is not None
    assert after is not None
    assert after.version == before.version + 1
    assert after.metrics["unlabelled"] == 0
    assert await vectors_learned.unlabelled(services, encoder, changed, 6) is None
