"""Lists of samples, also of more IDs than a database accepts as parameters."""

from uuid import uuid4

from pigeonhole.samples import listing
from pigeonhole.services.services import Services
from tests import build, make


async def test_samples_are_listed_by_any_number_of_ids(services: Services) -> None:
    function = await build.function(services)
    other = await build.function(services, name="Other")
    first, second, _ = await build.add(
        services, function, [make.picture(seed) for seed in range(3)]
    )
    [foreign] = await build.add(services, other, [make.picture(3)])
    strangers = [uuid4() for _ in range(40_000)]

    query = listing.among(function.id, [first.id, *strangers, foreign.id, second.id])

    assert await query.count() == 2
    assert [row.id for row in await query.order_by("id")] == sorted([first.id, second.id])
    assert await listing.among(function.id, []) == []
