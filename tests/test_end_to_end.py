"""The whole product over the network, as a newcomer uses it, and after a crash."""

import asyncio
import signal
from pathlib import Path

from tests import make
from tests.client import Json
from tests.pigeonhole.running import WITHIN_S
from tests.product import Product, running

MOST_HELD_MS = 25.0
"""Limit on the processor time of one step on the server's event loop. The goal is 5 ms, which
three runs met on a busy machine, which increases processor time too."""
PROGRESS = """subscription ($id: ID!) { trainingProgress(functionId: $id) {
  id state stage progress sampleCount accuracy { value lower upper count } model { version } } }"""
FOUND = """query ($id: ID!) { function(id: $id) {
  name state labels { totalCount } sampleCounts { total annotated unannotated embedded }
  model { version metrics { accuracy { value } } } models { totalCount } } }"""


async def annotate(product: Product, samples: list[str], names: list[str]) -> None:
    data = await product.client.ask(
        """mutation ($input: AnnotateSamplesInput!) { annotateSamples(input: $input) {
             errors { message } } }""",
        input={
            "annotations": [
                {"sampleId": sample, "label": {"labelName": name}}
                for sample, name in zip(samples, names, strict=True)
            ]
        },
    )
    assert data["annotateSamples"]["errors"] == []


async def trained_on(product: Product, function: str, count: int) -> Json:
    """Follow the training until a run over ``count`` samples has succeeded."""
    async for answer in product.subscribe(PROGRESS, id=function):
        run: Json = answer["trainingProgress"]
        if run and run["state"] == "SUCCEEDED" and run["sampleCount"] == count:
            return run
    raise AssertionError("the subscription ended by itself")


async def embedded(product: Product, function: str, count: int) -> None:
    """Wait until a number of samples are embedded."""
    found: Json = {"sampleCounts": {"embedded": 0}}
    async with asyncio.timeout(WITHIN_S):
        while found["sampleCounts"]["embedded"] < count:
            await asyncio.sleep(0.05)
            found = (await product.client.ask(FOUND, id=function))["function"]


async def test_the_main_job_over_the_network_through_a_crash_and_a_restart(
    tmp_path: Path,
) -> None:
    pictures, names = make.digits()
    async with running(tmp_path, {"PIGEONHOLE_LOG_LEVEL": "debug"}) as product:
        started = len(product.output)
        client = product.client
        function = (await client.create_function(labels=[str(digit) for digit in range(10)]))["id"]
        # More of these small digits are near-duplicates of one another. As soon as they have been
        # compared, too few independent ones are left for an accuracy.
        added = await client.add_samples(function, pictures[:60])
        samples = [result["sample"]["id"] for result in added["results"]]
        assert added["createdCount"] == 60

        await annotate(product, samples[:30], list(names[:30]))
        early = await trained_on(product, function, 30)
        await annotate(product, samples[30:45], list(names[30:45]))
        await annotate(product, samples[45:60], list(names[45:60]))
        late = await trained_on(product, function, 60)
        assert late["accuracy"]["value"] > early["accuracy"]["value"]
        assert late["accuracy"]["lower"] < late["accuracy"]["value"] < late["accuracy"]["upper"]
        await client.add_samples(function, pictures[60:100])
        await embedded(product, function, 100)

        asked = await client.upload(
            """mutation ($input: InvokeBatchInput!) { invokeBatch(input: $input) {
                 results { invocation { prediction { label { name } } } error { message } } } }""",
            [("new.png", picture) for picture in pictures[100:140]],
            [f"variables.input.images.{index}.upload" for index in range(40)],
            {"input": {"functionId": function, "images": [{"upload": None}] * 40}},
        )
        answers = [
            result["invocation"]["prediction"]["label"]["name"]
            for result in asked["invokeBatch"]["results"]
        ]
        right = sum(answer == name for answer, name in zip(answers, names[100:140], strict=True))
        assert right > 30

        await client.add_samples(function, pictures[140:240], names[140:240])
        product.process("work").send_signal(signal.SIGKILL)  # whatever it is doing at this moment
        await trained_on(product, function, 160)
        before = (await client.ask(FOUND, id=function))["function"]
    assert any("loop_is_watched" in line for line in product.output)
    assert [took for took in product.held_ms(started) if took > MOST_HELD_MS] == []

    async with running(tmp_path) as product:
        after = (await product.client.ask(FOUND, id=function))["function"]

    assert after == before
    assert after["state"] == "READY"
    assert after["labels"]["totalCount"] == 10
    assert after["sampleCounts"] == {
        "total": 200,
        "annotated": 160,
        "unannotated": 40,
        "embedded": 200,
    }
