"""Labels that are deleted while a request reads rows that refer to them."""

from uuid import UUID

import pytest
from strawberry.dataloader import DataLoader

from pigeonhole.kinds import Decision
from pigeonhole.tables import Function, Invocation, Label
from server import ids
from server.api import loaders
from tests.client import Client

PAGE = """query ($id: ID!) { function(id: $id) { samples(first: 100) { nodes {
  annotation { label { name } }
  crossValidated { label { name } ranking { label { name } } } } } } }"""
NODE = """query ($id: ID!) { node(id: $id) { ... on Invocation { prediction {
  label { name } confidence decision ranking { label { name } confidence } } } } }"""


async def test_a_page_is_returned_although_a_label_is_deleted_while_it_is_read(
    client: Client, function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = await Label.get(function_id=function.id, name="0")

    def labels(_: loaders.Loaders) -> DataLoader[UUID, Label | None]:
        """A loader that misses one label, which other rows still refer to."""
        load = loaders._by_id(Label)

        async def late(keys: list[UUID]) -> list[Label | None]:
            return [None if row == gone else row for row in await load(keys)]

        return DataLoader(load_fn=late)

    monkeypatch.setattr(loaders.Loaders, "labels", property(labels))

    page = await client.ask(PAGE, id=ids.encode(ids.Kind.FUNCTION, function.id))

    nodes = page["function"]["samples"]["nodes"]
    annotated = [node["annotation"] for node in nodes]
    assert annotated.count(None) == annotated.count({"label": {"name": "1"}}) == 4
    predicted = [node["crossValidated"] for node in nodes]
    one = {"label": {"name": "1"}, "ranking": [{"label": {"name": "1"}}]}
    assert predicted.count(None) + predicted.count(one) == 8
    assert None in predicted


async def test_an_old_invocation_keeps_the_labels_that_still_exist(
    client: Client, function: Function
) -> None:
    first, second = await Label.filter(function_id=function.id).order_by("name")
    row = await Invocation.create(
        function_id=function.id,
        model_id=function.active_model_id,
        sha256="0" * 64,
        media_type="image/png",
        width=1,
        height=1,
        byte_size=1,
        ranking=[[str(first.id), 0.75], [str(second.id), 0.25]],
        decision=Decision.ACCEPT,
        model_time_ms=1.0,
    )
    id = ids.encode(ids.Kind.INVOCATION, row.id)
    before = (await client.ask(NODE, id=id))["node"]["prediction"]

    await Label.filter(id=first.id).delete()

    one = {"label": {"name": "1"}, "confidence": 0.25}
    assert (before["label"], before["decision"]) == ({"name": "0"}, "ACCEPT")
    assert (await client.ask(NODE, id=id))["node"]["prediction"] == {
        **one,
        "decision": "REVIEW",
        "ranking": [one],
    }
