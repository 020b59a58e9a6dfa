"""A server and its functions, for programs without coroutines.

Each method runs the coroutine of `pigeonhole_client.client` or `pigeonhole_client.functions` on an
event loop in a thread, so that uploads are parallel here too.
"""

from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, TypeVar

from pigeonhole_client.api.enums import ApiKeyScope
from pigeonhole_client.api.fragments import (
    ApiKeyFields,
    EncoderChangeFields,
    EncoderFields,
    FunctionEncoderFields,
    FunctionFields,
    LabelFields,
    SampleFields,
    TrainingRunFields,
)
from pigeonhole_client.api.get_viewer import GetViewerViewer
from pigeonhole_client.api.input_types import SampleFilter, SampleOrder
from pigeonhole_client.blocking_acceptance import FunctionAcceptance
from pigeonhole_client.blocking_transfers import FunctionTransfers
from pigeonhole_client.client import AsyncPigeonhole
from pigeonhole_client.functions import AsyncFunction
from pigeonhole_client.images import Image
from pigeonhole_client.loop import Loop
from pigeonhole_client.models import Estimate, Prediction
from pigeonhole_client.transport import Transport

T = TypeVar("T")


class Function(FunctionAcceptance, FunctionTransfers):
    """An image classifier that learns from annotated samples.

    ``fields`` is the state that the server returned last; `refresh` requests it again.
    """

    _function: AsyncFunction

    def __init__(self, loop: Loop, function: AsyncFunction) -> None:
        """Wrap a function that the server has returned."""
        self._loop, self._function = loop, function

    def __repr__(self) -> str:
        return f"<Function {self.id} {self.name!r}>"

    @property
    def fields(self) -> FunctionFields:
        """The state that the server returned last."""
        return self._function.fields

    @property
    def id(self) -> str:
        """The function's ID, which never changes."""
        return self._function.id

    @property
    def name(self) -> str:
        """The function's name."""
        return self._function.name

    @property
    def accuracy(self) -> Estimate | None:
        """Cross-validated accuracy of the active model; None until it is known."""
        return self._function.accuracy

    def refresh(self) -> None:
        """Request ``fields`` from the server again."""
        self._loop.run(self._function.refresh())

    def update(self, **changes: Any) -> None:
        """Change settings by the names of ``UpdateFunctionInput``, such as ``autoTrain=False``."""
        self._loop.run(self._function.update(**changes))

    def delete(self) -> None:
        """Delete the function and everything that belongs to it."""
        self._loop.run(self._function.delete())

    def create_label(self, name: str, description: str | None = None) -> LabelFields:
        """Create a label."""
        return self._loop.run(self._function.create_label(name, description))

    def labels(self) -> Iterator[LabelFields]:
        """Iterate over the labels, oldest first."""
        return self._loop.each(self._function.labels())

    def samples(
        self,
        filter: SampleFilter | None = None,
        order_by: SampleOrder | None = None,
        *,
        search: str | None = None,
        like: str | None = None,
    ) -> Iterator[SampleFields]:
        """Iterate over the samples, in the order that `AsyncFunction.samples` describes."""
        return self._loop.each(self._function.samples(filter, order_by, search=search, like=like))

    def training_runs(self) -> Iterator[TrainingRunFields]:
        """Iterate over the training runs, oldest first."""
        return self._loop.each(self._function.training_runs())

    def add(
        self,
        image: Image,
        *,
        label: str | None = None,
        external_id: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Add one image if the function does not have it yet; return the ID of its sample."""
        return self._loop.run(
            self._function.add(image, label=label, external_id=external_id, metadata=metadata)
        )

    def annotate(self, label: str, sample_ids: Iterable[str]) -> None:
        """Annotate samples with a label, which is created if there is none."""
        self._loop.run(self._function.annotate(label, sample_ids))

    def train(self) -> TrainingRunFields:
        """Start a training run, or return the one that is already queued or running."""
        return self._loop.run(self._function.train())

    def changes(self) -> Generator[FunctionFields, None, None]:
        """Yield the function now and whenever it has changed, until the caller ends the loop."""
        return self._loop.each(self._function.changes())

    def wait_until_trained(
        self, progress: Callable[[FunctionFields], object] = lambda fields: None
    ) -> None:
        """Wait until a training run has learned from all current annotations.

        Raises:
            TrainingError: The run failed or was canceled, or none can start.
        """
        self._loop.run(self._function.wait_until_trained(progress))

    def encoder_state(self) -> FunctionEncoderFields:
        """Return the encoder that the function uses, with the last change of it."""
        return self._loop.run(self._function.encoder_state())

    def encoder_changes(self) -> Generator[FunctionEncoderFields, None, None]:
        """Yield what `encoder_state` returns, now and whenever the function has changed."""
        return self._loop.each(self._function.encoder_changes())

    def change_encoder(
        self, encoder: str, *, switches_by_itself: bool = True
    ) -> EncoderChangeFields:
        """Begin to change the encoder; see `AsyncFunctionEncoder.change_encoder`."""
        change = self._function.change_encoder(encoder, switches_by_itself=switches_by_itself)
        return self._loop.run(change)

    def stop_encoder_change(self) -> EncoderChangeFields:
        """Stop a change that has not been switched; the function keeps its encoder."""
        return self._loop.run(self._function.stop_encoder_change())

    def switch_encoder(self) -> EncoderChangeFields:
        """Switch to the new encoder, once the change is ``WAITING``, even if it is worse."""
        return self._loop.run(self._function.switch_encoder())

    def go_back_to_encoder(self) -> EncoderChangeFields:
        """Return to the encoder and the model before the last change, for 7 days."""
        return self._loop.run(self._function.go_back_to_encoder())

    def wait_for_encoder_change(
        self, progress: Callable[[FunctionEncoderFields], object] = lambda fields: None
    ) -> EncoderChangeFields:
        """Wait until workers have done all for the last change, and return it."""
        return self._loop.run(self._function.wait_for_encoder_change(progress))

    def invoke(self, image: Image, *, top_k: int = 5, external_id: str | None = None) -> Prediction:
        """Classify an image: a path, a URL, or the bytes of a file."""
        return self._loop.run(self._function.invoke(image, top_k=top_k, external_id=external_id))

    def give_feedback(self, prediction: Prediction, label: str) -> SampleFields:
        """Record the right label of a classified image, which becomes a sample."""
        return self._loop.run(self._function.give_feedback(prediction, label))


class Pigeonhole:
    """A server and an API key."""

    def __init__(self, url: str, key: str | None = None, *, tries: int = 8) -> None:
        """Set the server's URL, such as ``http://127.0.0.1:8000``; see `AsyncPigeonhole`."""
        self._server = AsyncPigeonhole(url, key, tries=tries)
        self._loop = Loop()

    def __enter__(self) -> "Pigeonhole":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._loop.run(self._server.close())
        self._loop.stop()

    def call(self, operation: Callable[[Transport], Coroutine[Any, Any, T]]) -> T:
        """Run any operation of the API: ``ph.call(lambda api: api.get_viewer())``."""
        return self._loop.run(operation(self._server.api))

    def viewer(self) -> GetViewerViewer:
        """Return the API key and its scopes."""
        return self._loop.run(self._server.viewer())

    def create_function(
        self, name: str, *, labels: Sequence[str] = (), **settings: Any
    ) -> Function:
        """Create a function with labels; see `AsyncPigeonhole.create_function`."""
        made = self._loop.run(self._server.create_function(name, labels=labels, **settings))
        return Function(self._loop, made)

    def function(self, wanted: str) -> Function:
        """Return the function whose ID or name is given.

        Raises:
            NotFoundError: This key has access to no such function.
        """
        return Function(self._loop, self._loop.run(self._server.function(wanted)))

    def functions(self, name_contains: str | None = None) -> Iterator[Function]:
        """Iterate over the functions that the key may see, oldest first."""
        for found in self._loop.each(self._server.functions(name_contains)):
            yield Function(self._loop, found)

    def encoders(self) -> list[EncoderFields]:
        """Return encoders that are known to be good, and whether the server has their weights."""
        return self._loop.run(self._server.encoders())

    def api_keys(self) -> Iterator[ApiKeyFields]:
        """Iterate over all API keys, oldest first, including revoked ones."""
        return self._loop.each(self._server.api_keys())

    def create_key(
        self,
        name: str,
        scopes: Sequence[ApiKeyScope],
        *,
        function_ids: Sequence[str] | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[ApiKeyFields, str]:
        """Create an API key; return it with its secret, which cannot be read again."""
        return self._loop.run(
            self._server.create_key(name, scopes, function_ids=function_ids, expires_at=expires_at)
        )

    def revoke_key(self, id: str) -> ApiKeyFields:
        """Revoke an API key for good."""
        return self._loop.run(self._server.revoke_key(id))
