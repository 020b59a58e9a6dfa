"""The encoder of a function, for coroutines: changed, switched, stopped, gone back to."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from pigeonhole_client.api.enums import EncoderChangeState
from pigeonhole_client.api.fragments import EncoderChangeFields, FunctionEncoderFields
from pigeonhole_client.api.function_encoder_changed import FunctionEncoderChanged
from pigeonhole_client.api.input_types import (
    ChangeEncoderInput,
    GoBackToEncoderInput,
    StopEncoderChangeInput,
    SwitchEncoderInput,
)
from pigeonhole_client.api.operations import FUNCTION_ENCODER_CHANGED_GQL
from pigeonhole_client.errors import ConflictError, NotFoundError
from pigeonhole_client.payloads import accepted
from pigeonhole_client.transport import Transport

WORKING = (EncoderChangeState.EMBEDDING, EncoderChangeState.COMPARING)
"""States in which workers have something to do for a change."""


class AsyncFunctionEncoder(ABC):
    """The encoder of a function; `AsyncFunction` has these methods."""

    _api: Transport

    @property
    @abstractmethod
    def id(self) -> str:
        """The function's ID, which never changes."""

    async def encoder_state(self) -> FunctionEncoderFields:
        """Return the encoder that the function uses, with the last change of it.

        Raises:
            NotFoundError: The function has been deleted.
        """
        found = await self._api.get_function_encoder(self.id)
        if found is None:
            raise NotFoundError(f"Function {self.id} not found.", "NOT_FOUND")
        return found

    async def change_encoder(
        self, encoder: str, *, switches_by_itself: bool = True
    ) -> EncoderChangeFields:
        """Begin to change the encoder; the present one is used until the switch.

        Args:
            encoder: Name of the new encoder, whose weights the server must have.
            switches_by_itself: Whether the function is switched when the new model is there and not
                worse; otherwise `switch_encoder` does.

        Raises:
            InvalidError: The server does not have this encoder.
            ConflictError: The function uses it already, or its encoder is being changed.
        """
        said = await self._api.change_encoder(
            ChangeEncoderInput(
                functionId=self.id, encoder=encoder, switchesByItself=switches_by_itself
            )
        )
        return accepted(said.encoder_change, said.errors)

    async def stop_encoder_change(self) -> EncoderChangeFields:
        """Stop a change that has not been switched; the function keeps its encoder."""
        said = await self._api.stop_encoder_change(StopEncoderChangeInput(functionId=self.id))
        return accepted(said.encoder_change, said.errors)

    async def switch_encoder(self) -> EncoderChangeFields:
        """Switch to the new encoder, once the change is ``WAITING``, even if it is worse."""
        said = await self._api.switch_encoder(SwitchEncoderInput(functionId=self.id))
        return accepted(said.encoder_change, said.errors)

    async def go_back_to_encoder(self) -> EncoderChangeFields:
        """Return to the encoder and the model before the last change, for 7 days."""
        said = await self._api.go_back_to_encoder(GoBackToEncoderInput(functionId=self.id))
        return accepted(said.encoder_change, said.errors)

    async def encoder_changes(self) -> AsyncGenerator[FunctionEncoderFields, None]:
        """Yield what `encoder_state` returns, now and whenever the function has changed."""
        events = self._api.execute_ws(
            FUNCTION_ENCODER_CHANGED_GQL, "FunctionEncoderChanged", {"id": self.id}
        )
        async with aclosing(events):
            async for data in events:
                yield FunctionEncoderChanged.model_validate(data).function_changed

    async def wait_for_encoder_change(
        self, progress: Callable[[FunctionEncoderFields], object] = lambda fields: None
    ) -> EncoderChangeFields:
        """Wait until workers have done all for the last change, and return it.

        It is then ``SWITCHED``; ``WAITING`` if it is not to switch by itself or the new model is
        worse; or else ``STOPPED`` or ``UNDONE`` by somebody.

        Args:
            progress: Called with what `encoder_state` returns whenever the function has changed.

        Raises:
            ConflictError: The encoder has never been changed.
        """
        async with aclosing(self.encoder_changes()) as events:
            async for fields in events:
                progress(fields)
                change = fields.encoder_change
                if change is None:
                    raise ConflictError(f"The encoder of {fields.name!r} has never been changed.")
                if change.state not in WORKING:
                    return change
        raise NotFoundError(f"Function {self.id} not found.", "NOT_FOUND")
