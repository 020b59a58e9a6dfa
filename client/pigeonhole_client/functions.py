"""A function of a server, for coroutines."""

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import Any

from pigeonhole_client.acceptance import AsyncFunctionAcceptance
from pigeonhole_client.api.fragments import (
    FunctionFields,
    LabelFields,
    SampleFields,
    TrainingRunFields,
)
from pigeonhole_client.api.function_changed import FunctionChanged
from pigeonhole_client.api.input_types import (
    AddSamplesInput,
    AnnotateSamplesInput,
    AnnotationInput,
    CreateLabelInput,
    DeleteFunctionInput,
    GiveFeedbackInput,
    InvokeInput,
    SampleAnnotationInput,
    SampleFilter,
    SampleInput,
    SampleOrder,
    SampleSearch,
    StartTrainingInput,
    UpdateFunctionInput,
)
from pigeonhole_client.api.list_labels import ListLabelsFunctionLabels
from pigeonhole_client.api.list_samples import ListSamplesFunctionSamples
from pigeonhole_client.api.list_training_runs import ListTrainingRunsFunctionTrainingRuns
from pigeonhole_client.api.operations import FUNCTION_CHANGED_GQL
from pigeonhole_client.encoder_changes import AsyncFunctionEncoder
from pigeonhole_client.errors import NotFoundError
from pigeonhole_client.images import Image, image_input
from pigeonhole_client.models import Estimate, Prediction
from pigeonhole_client.pages import PAGE, nodes
from pigeonhole_client.payloads import accepted, check
from pigeonhole_client.training import is_trained
from pigeonhole_client.transfers import AsyncFunctionTransfers
from pigeonhole_client.transport import Transport

ENTRIES = 100
"""Most entries of one mutation."""


class AsyncFunction(AsyncFunctionEncoder, AsyncFunctionAcceptance, AsyncFunctionTransfers):
    """An image classifier that learns from annotated samples.

    ``fields`` is the state that the server returned last; `refresh` requests it again.
    """

    def __init__(self, api: Transport, fields: FunctionFields) -> None:
        """Wrap a function that the server has returned."""
        self._api, self.fields = api, fields

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.name!r}>"

    @property
    def id(self) -> str:
        """The function's ID, which never changes."""
        return self.fields.id

    @property
    def name(self) -> str:
        """The function's name."""
        return self.fields.name

    @property
    def accuracy(self) -> Estimate | None:
        """Cross-validated accuracy of the active model; None until it is known."""
        model = self.fields.model
        return Estimate.of(model.metrics.accuracy if model else None)

    async def refresh(self) -> None:
        """Request ``fields`` from the server again.

        Raises:
            NotFoundError: The function has been deleted.
        """
        found = await self._api.get_function(self.id)
        if found is None:
            raise NotFoundError(f"Function {self.name!r} not found.", "NOT_FOUND")
        self.fields = found

    async def update(self, **changes: Any) -> None:
        """Change settings by the names of ``UpdateFunctionInput``, such as ``autoTrain=False``."""
        said = await self._api.update_function(UpdateFunctionInput(id=self.id, **changes))
        self.fields = accepted(said.function, said.errors)

    async def delete(self) -> None:
        """Delete the function and everything that belongs to it."""
        check((await self._api.delete_function(DeleteFunctionInput(id=self.id))).errors)

    async def create_label(self, name: str, description: str | None = None) -> LabelFields:
        """Create a label."""
        said = await self._api.create_label(
            CreateLabelInput(functionId=self.id, name=name, description=description)
        )
        return accepted(said.label, said.errors)

    def labels(self) -> AsyncGenerator[LabelFields, None]:
        """Iterate over the labels, oldest first."""

        async def ask(after: str | None) -> ListLabelsFunctionLabels | None:
            found = await self._api.list_labels(self.id, first=PAGE, after=after)
            return found.labels if found else None

        return nodes(ask)

    def samples(
        self,
        filter: SampleFilter | None = None,
        order_by: SampleOrder | None = None,
        *,
        search: str | None = None,
        like: str | None = None,
    ) -> AsyncGenerator[SampleFields, None]:
        """Iterate over the samples, newest first unless ordered otherwise.

        Args:
            filter: Conditions that each sample meets.
            order_by: Another order, which needs ``search`` and ``like`` to be None.
            search: Words for what the images show; the most similar samples come first.
            like: ID of a sample to compare all others with, if there is no ``search``.
        """
        given = {"words": search, "likeSampleId": like}
        given = {name: value for name, value in given.items() if value is not None}
        sought = SampleSearch.model_validate(given) if given else None

        async def ask(after: str | None) -> ListSamplesFunctionSamples | None:
            found = await self._api.list_samples(
                self.id, first=PAGE, after=after, filter_=filter, order_by=order_by, search=sought
            )
            return found.samples if found else None

        return nodes(ask)

    def training_runs(self) -> AsyncGenerator[TrainingRunFields, None]:
        """Iterate over the training runs, oldest first."""

        async def ask(after: str | None) -> ListTrainingRunsFunctionTrainingRuns | None:
            found = await self._api.list_training_runs(self.id, first=PAGE, after=after)
            return found.training_runs if found else None

        return nodes(ask)

    async def add(
        self,
        image: Image,
        *,
        label: str | None = None,
        external_id: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Add one image if the function does not have it yet; return the ID of its sample.

        Args:
            image: A path, a URL, a data URI, or the bytes of a file, which have no name.
            label: Label of the image, which replaces its annotation and is created if it is new.
            external_id: Identifier given by the caller.
            metadata: What else is known of the image; it stays if the function has the image.
        """
        given = SampleInput(
            image=image_input(image),
            externalId=external_id,
            fileName="" if isinstance(image, bytes) else None,
            metadata=None if metadata is None else dict(metadata),
            annotation=None if label is None else SampleAnnotationInput(labelName=label),
        )
        said = await self._api.add_samples(AddSamplesInput(functionId=self.id, samples=[given]))
        check(said.errors)
        return accepted(said.results[0].sample, [e for r in said.results if (e := r.error)]).id

    async def annotate(self, label: str, sample_ids: Iterable[str]) -> None:
        """Annotate samples with a label, which is created if there is none."""
        ids = list(sample_ids)
        for start in range(0, len(ids), ENTRIES):
            given = SampleAnnotationInput(labelName=label)
            said = await self._api.annotate_samples(
                AnnotateSamplesInput(
                    annotations=[
                        AnnotationInput(sampleId=id, label=given)
                        for id in ids[start : start + ENTRIES]
                    ]
                )
            )
            check(said.errors)
            check([result.error for result in said.results if result.error is not None])

    async def train(self) -> TrainingRunFields:
        """Start a training run, or return the one that is already queued or running."""
        said = await self._api.start_training(StartTrainingInput(functionId=self.id))
        return accepted(said.training_run, said.errors)

    async def changes(self) -> AsyncGenerator[FunctionFields, None]:
        """Yield the function now and whenever it has changed, until the caller ends the loop."""
        events = self._api.execute_ws(FUNCTION_CHANGED_GQL, "FunctionChanged", {"id": self.id})
        async with aclosing(events):
            async for data in events:
                self.fields = FunctionChanged.model_validate(data).function_changed
                yield self.fields

    async def wait_until_trained(
        self, progress: Callable[[FunctionFields], object] = lambda fields: None
    ) -> None:
        """Wait until a training run has learned from all current annotations.

        Args:
            progress: Called with the function whenever it has changed.

        Raises:
            TrainingError: The run failed or was canceled, or none can start.
        """
        async with aclosing(self.changes()) as events:
            async for fields in events:
                progress(fields)
                if is_trained(fields):
                    return

    async def invoke(
        self, image: Image, *, top_k: int = 5, external_id: str | None = None
    ) -> Prediction:
        """Classify an image: a path, a URL, or the bytes of a file.

        Raises:
            NotTrainedError: The function has no model yet.
            ImageError: The image is unreadable, too large, or cannot be fetched.
        """
        given = InvokeInput(
            functionId=self.id, image=image_input(image), topK=top_k, externalId=external_id
        )
        said = await self._api.invoke(given)
        return Prediction.of(accepted(said.invocation, said.errors))

    async def give_feedback(self, prediction: Prediction, label: str) -> SampleFields:
        """Record the right label of a classified image, which becomes a sample."""
        said = await self._api.give_feedback(
            GiveFeedbackInput(
                invocationId=prediction.invocation_id, label=SampleAnnotationInput(labelName=label)
            )
        )
        return accepted(said.sample, said.errors)
