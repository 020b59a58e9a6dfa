"""Galleries equal those built from scratch, but read only the rows that changed."""

import asyncio
from uuid import UUID

import numpy as np
import pytest

from pigeonhole import labels
from pigeonhole.samples import annotations, trash
from pigeonhole.services.galleries import Galleries, Gallery
from pigeonhole.services.services import Services
from pigeonhole.services.vectors import Encoding
from pigeonhole.tables import Function, Sample
from tests import build, make
from tests.conftest import RunJobs


@pytest.fixture
async def function(services: Services) -> Function:
    return await build.function(services, auto_train=False)


async def content(
    galleries: Galleries, function: Function
) -> dict[UUID, tuple[UUID | None, bytes]]:
    """Return the content of a function's gallery, by sample."""
    row = await Function.get(id=function.id)
    encoder = await galleries.encoding.load(row.encoder)
    async with galleries.opened(row, encoder) as gallery:
        return {
            id: (label, vector.tobytes())
            for id, label, vector in zip(gallery.ids, gallery.labels, gallery.vectors, strict=True)
        }


async def test_a_gallery_after_each_change_equals_one_built_from_scratch(
    services: Services, function: Function, run_jobs: RunJobs
) -> None:
    rows = await build.add_digits(services, function, 4)
    await build.add(services, function, [make.picture(1), make.picture(2)])
    galleries = services.galleries
    one, zero = await build.label(function, "1"), await build.label(function, "0")
    sizes = [len(await content(galleries, function))]

    async def embed() -> None:
        await run_jobs()

    async def annotate_one() -> None:
        waiting = await Sample.filter(function_id=function.id, label_id=None).first()
        assert waiting is not None
        await build.annotate(services, (waiting, "1"))

    async def annotate_otherwise() -> None:
        await build.annotate(services, (rows[0], "1"))

    async def clear() -> None:
        await annotations.clear(services, [rows[1].id])

    async def delete() -> None:
        await trash.delete(services, [rows[2].id, rows[3].id])

    async def add_annotated() -> None:
        await build.add(services, function, [make.picture(3), make.picture(1)], ["0", "0"])
        await run_jobs()

    async def move() -> None:
        await labels.delete(services, zero.id, move_to=one.id)

    async def delete_label() -> None:
        await labels.delete(services, one.id)

    for change in (
        embed,
        annotate_one,
        annotate_otherwise,
        clear,
        delete,
        add_annotated,
        move,
        delete_label,
    ):
        await change()
        kept = await content(galleries, function)
        assert kept == await content(Galleries(services.encoding), function)
        sizes.append(len(kept))

    assert sizes == [0, 8, 9, 9, 8, 6, 7, 7, 0]


async def test_a_gallery_in_memory_reads_only_the_rows_that_changed(
    services: Services,
    function: Function,
    run_jobs: RunJobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = await build.add_digits(services, function, 4)
    await run_jobs()
    await content(services.galleries, function)
    read: list[int] = []
    known = Encoding.known

    async def counted(encoding: Encoding, encoder: object, shas: list[str], **how: bool) -> object:
        read.append(len(shas))
        return await known(encoding, encoder, shas, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Encoding, "known", counted)

    await content(services.galleries, function)
    unchanged = list(read)
    await build.annotate(services, (rows[0], "1"), (rows[1], "0"))
    await content(services.galleries, function)

    assert (unchanged, read) == ([], [2])


async def test_galleries_together_stay_within_the_memory_limit_and_the_oldest_goes_first(
    services: Services, run_jobs: RunJobs
) -> None:
    functions = [
        await build.function(services, name=name, auto_train=False) for name in ("A", "B", "C")
    ]
    for function in functions:
        await build.add_digits(services, function, 2)
    await run_jobs()
    whole = Galleries(services.encoding)
    await content(whole, functions[0])
    small = Galleries(services.encoding, most_bytes=2 * whole.bytes)

    for index in (0, 1, 0, 2):
        await content(small, functions[index])

    assert {key[0] for key in small._kept} == {functions[0].id, functions[2].id}
    assert small.bytes == 2 * whole.bytes


async def test_a_gallery_that_is_larger_than_the_memory_limit_is_not_kept(
    services: Services, function: Function, run_jobs: RunJobs
) -> None:
    await build.add_digits(services, function, 2)
    await run_jobs()
    small = Galleries(services.encoding, most_bytes=1_000)

    assert len(await content(small, function)) == 4
    assert (len(small), small.bytes) == (0, 0)


async def test_an_unused_gallery_is_released(
    services: Services, function: Function, run_jobs: RunJobs
) -> None:
    await build.add_digits(services, function, 2)
    await run_jobs()
    galleries = Galleries(services.encoding, unused_s=0)
    await content(galleries, function)

    await asyncio.sleep(0)  # the loop runs callbacks that are due
    await asyncio.sleep(0)

    assert (len(galleries), galleries.bytes) == (0, 0)
    assert len(await content(galleries, function)) == 4


def test_a_gallery_drops_and_replaces_samples_wherever_they_are() -> None:
    gallery, ids, label = Gallery(4), [UUID(int=n) for n in range(200)], UUID(int=1_000)
    rows = np.random.default_rng(0).standard_normal((200, 4)).astype(np.float32)
    for id, row in zip(ids, rows, strict=True):
        gallery.put(id, label, row)
    for id in ids[::3]:
        gallery.drop(id)
    gallery.put(ids[1], label, rows[0])
    gallery.drop(ids[0])  # it does not exist

    left = {id: rows[n] for n, id in enumerate(ids) if n % 3} | {ids[1]: rows[0]}
    assert set(gallery.ids) == set(left)
    for id, vector in zip(gallery.ids, gallery.vectors, strict=True):
        assert vector.tolist() == left[id].tolist()
