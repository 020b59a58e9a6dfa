"""Functions and samples for tests, made by the product's own functions."""

from collections.abc import Sequence

from pigeonhole import functions
from pigeonhole.kinds import TrainingState
from pigeonhole.samples import annotations, uploads
from pigeonhole.samples.annotations import LabelChoice
from pigeonhole.services.services import Services
from pigeonhole.tables import Function, Label, Model, Sample, TrainingRun
from tests import make

TWO = ("0", "1")
"""Two labels that are easy to tell apart: two digits."""


async def function(
    services: Services,
    labels: Sequence[str] = TWO,
    *,
    name: str = "Recipes",
    auto_train: bool = True,
) -> Function:
    """Create a function with labels and no samples."""
    return await functions.create(services, name=name, labels=labels, auto_train=auto_train)


async def add(
    services: Services,
    function: Function,
    pictures: Sequence[bytes],
    labels: Sequence[str | None] | None = None,
) -> list[Sample]:
    """Add samples to a function, annotated or not."""
    labels = labels or [None] * len(pictures)
    entries = [
        uploads.NewSample(data, ("input",), label=LabelChoice(name=label) if label else None)
        for data, label in zip(pictures, labels, strict=True)
    ]
    added = await uploads.add(services, function.id, entries)
    return [one.sample for one in added if one.sample is not None]


async def annotate(services: Services, *given: tuple[Sample, str]) -> None:
    """Annotate samples by the names of labels."""
    await annotations.annotate(
        services, [(sample.id, LabelChoice(name=name), ()) for sample, name in given]
    )


def digits(each: int, labels: Sequence[str] = TWO, *, skip: int = 0) -> list[tuple[bytes, str]]:
    """Return pictures of digits with their names, by turns, without the first ``skip`` of each."""
    pictures, names = make.digits()
    by_label = [
        [(picture, name) for picture, name in zip(pictures, names, strict=True) if name == label]
        for label in labels
    ]
    return [pair for row in zip(*by_label, strict=False) for pair in row][
        skip * len(labels) : (skip + each) * len(labels)
    ]


async def add_digits(
    services: Services,
    function: Function,
    each: int,
    labels: Sequence[str] = TWO,
    *,
    skip: int = 0,
    annotated: bool = True,
) -> list[Sample]:
    """Add digits as samples, annotated or not."""
    pairs = digits(each, labels, skip=skip)
    names = [name if annotated else None for _, name in pairs]
    return await add(services, function, [picture for picture, _ in pairs], names)


def unseen_digit(label: str) -> bytes:
    """Return a picture of a digit that is not among the first four of its label."""
    return digits(1, [label], skip=4)[0][0]


async def label(function: Function, name: str) -> Label:
    """Return a function's label by its name."""
    return await Label.get(function_id=function.id, name=name)


async def active_model(function: Function) -> Model:
    """Return a function's active model."""
    await function.refresh_from_db()
    return await Model.get(id=function.active_model_id)


async def run_states() -> list[TrainingState]:
    """Return the states of all training runs, oldest first."""
    return [run.state for run in await TrainingRun.all().order_by("id")]
