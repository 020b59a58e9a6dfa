"""Time from a click to the new accuracy, and time of an invocation, over the network.

``python -m benchmarks.latency [FOLDER]``, with one folder per label; without FOLDER, it uses the
digits of scikit-learn. It starts the real product in an empty folder.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.embedding import processor
from pigeonhole import encoders, images
from tests import make
from tests.client import Json
from tests.product import Product, running

ANNOTATED = (50, 1_000)
CLICKS = 40  # measured at each size
INVOKES = 60
AT_ONCE = 8

PROGRESS = """subscription ($id: ID!) { trainingProgress(functionId: $id) {
  state sampleCount accuracy { value } } }"""
ANNOTATE = """mutation ($input: AnnotateSamplesInput!) { annotateSamples(input: $input) {
  errors { message } } }"""
INVOKE = """mutation ($input: InvokeInput!) { invoke(input: $input) {
  invocation { prediction { label { name } confidence } } errors { message } } }"""

Labelled = list[tuple[bytes, str]]


def main() -> None:
    """Measure and print the tables."""
    pictures = read(Path(sys.argv[1])) if len(sys.argv) > 1 else digits()
    print(f"{processor()}, {len(pictures)} pictures, {len({name for _, name in pictures})} labels")
    asyncio.run(measure(pictures))


def read(folder: Path) -> Labelled:
    """Return the labelled pictures of a folder, in an order that mixes the labels."""
    found = [(file.read_bytes(), file.parent.name) for file in sorted(folder.glob("*/*"))]
    random.Random(0).shuffle(found)
    return found


def digits() -> Labelled:
    """Return scikit-learn's hand-written digits as JPEGs."""
    pictures, names = make.digits(count=1_200, format="JPEG")
    return list(zip(pictures, names, strict=True))


async def measure(pictures: Labelled) -> None:
    """Start the product once for each size, so that no size waits for work left by another."""
    print(f"\n{'from a click to the new accuracy, ms':40}{'p50':>8}{'p95':>8}")
    for count in ANNOTATED:
        count = min(count, len(pictures) - CLICKS)
        with tempfile.TemporaryDirectory() as folder:
            async with running(Path(folder)) as product:
                function, waiting = await teach(product, pictures[: count + CLICKS], count)
                times = await click(product, function, waiting, count)
                print(f"{f'{count} annotated samples':40}{quantiles(times)}", flush=True)
                if count == ANNOTATED[0]:
                    fresh = [one for one, _ in pictures[-3 * INVOKES :]]
                    answers, encoding = await invoke(product, function, fresh[:INVOKES])
                    rate = await invoke_at_once(product, function, fresh[INVOKES:])
    share = 1 - statistics.median(encoding) / statistics.median(answers)
    print(f"\n{'invoke, from JPEG bytes to answer, ms':40}{'p50':>8}{'p95':>8}")
    print(f"{'whole':40}{quantiles(answers)}")
    print(f"{'encoder alone, in this process':40}{quantiles(encoding)}")
    print(f"everything but the encoder: {share:.0%}")
    print(f"{f'answers a second, {AT_ONCE} at once':40}{rate:8.1f}")


async def teach(
    product: Product, pictures: Labelled, annotated: int
) -> tuple[str, list[tuple[str, str]]]:
    """Upload pictures, the first ``annotated`` with labels; return the function and the others."""
    function = (await product.client.create_function())["id"]
    samples: list[str] = []
    for start in range(0, len(pictures), 100):
        batch = pictures[start : start + 100]
        names = [
            name if start + index < annotated else None for index, (_, name) in enumerate(batch)
        ]
        payload = await product.client.add_samples(function, [one for one, _ in batch], names)
        samples += [result["sample"]["id"] for result in payload["results"]]
    query = "query ($id: ID!) { function(id: $id) { sampleCounts { total embedded } } }"
    while True:
        counts: Json = (await product.client.ask(query, id=function))["function"]["sampleCounts"]
        if counts["embedded"] == counts["total"]:
            break
        await asyncio.sleep(0.5)
    async for answer in product.subscribe(PROGRESS, id=function):
        run = answer["trainingProgress"]
        if run and run["state"] == "SUCCEEDED" and run["sampleCount"] >= annotated:
            break
    others = zip(samples[annotated:], (name for _, name in pictures[annotated:]), strict=True)
    return function, list(others)


async def click(
    product: Product, function: str, waiting: Sequence[tuple[str, str]], count: int
) -> list[float]:
    """Annotate samples one by one; return the ms from each response to the new accuracy."""
    times: list[float] = []
    news: asyncio.Queue[Json] = asyncio.Queue()

    async def listen() -> None:
        async for answer in product.subscribe(PROGRESS, id=function):
            news.put_nowait(answer["trainingProgress"])

    listening = asyncio.create_task(listen())
    await news.get()
    for place, (sample, name) in enumerate(waiting, start=1):
        annotation = {"sampleId": sample, "label": {"labelName": name}}
        await product.client.ask(ANNOTATE, input={"annotations": [annotation]})
        started = time.perf_counter()
        while True:
            run = await news.get()
            if run["state"] == "SUCCEEDED" and run["sampleCount"] == count + place:
                break
        times.append(1_000 * (time.perf_counter() - started))
        await asyncio.sleep(0.3)  # as a person does, who looks at the next photo
    listening.cancel()
    return times


async def invoke(
    product: Product, function: str, pictures: Sequence[bytes]
) -> tuple[list[float], list[float]]:
    """Invoke the function on new pictures one by one; return its times and the encoder's, in ms.

    The two take turns, so that other load on the machine affects both equally.
    """
    encoder = encoders.load("bundled")
    answers, encoding = [], []
    for data in pictures:
        started = time.perf_counter()
        await ask(product, function, data)
        answers.append(1_000 * (time.perf_counter() - started))
        encoding.append(encoder_alone(encoder, data))
    return answers, encoding


async def invoke_at_once(product: Product, function: str, pictures: Sequence[bytes]) -> float:
    """Invoke from ``AT_ONCE`` clients at once; return the answers per second."""
    waiting = list(pictures)

    async def client() -> None:
        while waiting:
            await ask(product, function, waiting.pop())

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    return len(pictures) / (time.perf_counter() - started)


async def ask(product: Product, function: str, data: bytes) -> None:
    """Invoke the function on a picture."""
    answer = await product.client.upload(
        INVOKE,
        [("new.jpg", data)],
        ["variables.input.image.upload"],
        {"input": {"functionId": function, "image": {"upload": None}}},
    )
    assert answer["invoke"]["errors"] == []


def encoder_alone(encoder: encoders.Encoder, data: bytes) -> float:
    """Return the time to preprocess and embed a picture that is decoded already, in ms."""
    picture = images.decode(
        data, max_bytes=1 << 30, max_pixels=1 << 30, at_least=encoder.image_size
    )
    started = time.perf_counter()
    encoder.embed(encoder.preprocess(picture.rgb)[None])
    return 1_000 * (time.perf_counter() - started)


def quantiles(times: Sequence[float]) -> str:
    """Return the median and the 95th percentile, as columns."""
    return f"{statistics.median(times):8.0f}{statistics.quantiles(times, n=20)[-1]:8.0f}"


if __name__ == "__main__":
    main()
