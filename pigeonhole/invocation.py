"""Invocation: asking a function about pictures that it has not seen."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from pigeonhole import functions, images, names, pictures, uploads
from pigeonhole.encoding import Floats
from pigeonhole.errors import LimitReachedError, NotFoundError, PigeonholeError
from pigeonhole.models import (
    AnnotationSource,
    Function,
    Invocation,
    Model,
    Sample,
    SampleSource,
)
from pigeonhole.predictions import Prediction, label_ids
from pigeonhole.samples import LabelChoice
from pigeonhole.services import Services

KEPT = timedelta(days=30)
"""How long an invocation is kept for feedback; a picture that became a sample stays."""


@dataclass(frozen=True)
class Answered:
    """An invocation and its prediction; ``sample`` is set when the picture was kept."""

    invocation: Invocation
    prediction: Prediction


async def invoke(
    services: Services,
    function_id: UUID,
    data: bytes,
    *,
    external_id: str | None = None,
    capture: bool | None = None,
    path: tuple[str, ...] = ("input", "image"),
) -> Answered:
    """Ask a function about one picture.

    Raises:
        NotFoundError: There is no such function.
        NotTrainedError: It has no model yet.
        UnreadableImageError, ImageTooLargeError: The picture.
        LimitReachedError: It is to be captured, and the function has no room for it.
        OverloadedError: Too many pictures wait already.
    """
    function = await functions.get(function_id)
    predictor = await services.predictors.active(function)
    external_id = names.clean_text(
        external_id, ("input", "externalId"), longest=names.MAX_EXTERNAL_ID
    )
    encoder = await services.encoding.load(function.encoder)
    try:
        picture = await asyncio.to_thread(
            images.decode,
            data,
            max_bytes=services.settings.max_image_bytes,
            max_pixels=services.settings.max_image_pixels,
            at_least=encoder.image_size,
        )
    except PigeonholeError as error:
        error.path = error.path or path
        raise
    started = time.perf_counter()
    vector, _ = await asyncio.gather(
        services.encoding.embed_one(function.encoder, picture),
        _keep(services, picture, data),
    )
    try:
        prediction = await _predict(services, function, vector)
        invocation = await Invocation.create(
            function_id=function.id,
            model_id=predictor.model.id,
            external_id=external_id,
            sha256=picture.sha256,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            byte_size=picture.byte_size,
            ranking=[[str(label), confidence] for label, confidence in prediction.ranking],
            decision=prediction.decision,
            model_time_ms=1_000 * (time.perf_counter() - started),
        )
    except (PigeonholeError, IntegrityError) as error:
        await pictures.forget([picture.sha256])  # no row names it after all
        if isinstance(error, PigeonholeError):
            raise
        path = ("input", "functionId")  # it was deleted meanwhile
        raise NotFoundError("There is no such function.", path=path) from error
    if await _wanted(function, prediction, capture):
        try:
            most = None if capture else function.capture_daily_limit
            await _capture(services, invocation, data, most_a_day=most)
        except LimitReachedError:
            if capture:  # else nobody asked for it
                raise
    return Answered(invocation, prediction)


async def recall(services: Services, invocation: Invocation) -> Answered:
    """An earlier answer, as it was given."""
    model = await Model.get(id=invocation.model_id)
    ranking = tuple((UUID(label), confidence) for label, confidence in invocation.ranking)
    return Answered(invocation, Prediction(model, ranking, invocation.decision))


async def invoke_batch(
    services: Services, function_id: UUID, datas: Sequence[bytes | PigeonholeError]
) -> list[Answered | PigeonholeError]:
    """Ask about many pictures, each by itself; answers stand in the order asked.

    Raises:
        NotFoundError: There is no such function.
        NotTrainedError: It has no model yet.
    """
    await services.predictors.active(await functions.get(function_id))

    async def one(index: int, data: bytes | PigeonholeError) -> Answered | PigeonholeError:
        path = ("input", "images", str(index))
        try:
            if isinstance(data, PigeonholeError):
                raise data
            return await invoke(services, function_id, data, path=path)
        except PigeonholeError as error:
            error.path = error.path or path
            return error

    return await asyncio.gather(*(one(index, data) for index, data in enumerate(datas)))


async def give_feedback(services: Services, invocation_id: UUID, label: LabelChoice) -> Sample:
    """Say what the right answer was; the picture becomes an annotated sample.

    Raises:
        NotFoundError: There is no such invocation any more, or no such label.
        ConflictError: The label is another function's.
    """
    invocation = await Invocation.get_or_none(id=invocation_id)
    if invocation is None:
        raise NotFoundError(
            f"There is no such invocation; they are kept for {KEPT.days} days.",
            path=("input", "invocationId"),
        )
    data = await services.storage.get(invocation.sha256)
    return await _capture(services, invocation, data, label=label)


async def sweep() -> int:
    """Let go of invocations that are older than ``KEPT``; return how many went."""
    async with in_transaction():
        old = await Invocation.filter(created_at__lt=datetime.now(UTC) - KEPT).limit(1_000)
        await Invocation.filter(id__in=[row.id for row in old]).delete()
        await pictures.forget({row.sha256 for row in old})
    return len(old)


async def _keep(services: Services, picture: images.Picture, data: bytes) -> None:
    await pictures.hold([picture.sha256])
    await services.storage.put(picture.sha256, data)


async def _predict(services: Services, function: Function, vector: Floats) -> Prediction:
    predictor = await services.predictors.active(function)
    existing = await label_ids(function.id)
    [prediction] = predictor.predict(
        vector[None, :], existing=existing, max_error_rate=function.max_error_rate
    )
    return prediction


async def _wanted(function: Function, prediction: Prediction, capture: bool | None) -> bool:
    """Whether the picture is to be kept as a sample."""
    if capture is not None:
        return capture
    if not function.capture_enabled or prediction.confidence >= function.capture_below:
        return False
    return await uploads.captured_today(function.id) < function.capture_daily_limit


async def _capture(
    services: Services,
    invocation: Invocation,
    data: bytes,
    *,
    label: LabelChoice | None = None,
    most_a_day: int | None = None,
) -> Sample:
    """Keep an invoked picture as a sample, or find the one that it is; annotate it if told how."""
    entry = uploads.NewSample(
        data=data,
        path=("input",),
        label=label,
        label_field="label",
        source=SampleSource.CAPTURE,
        annotation_source=AnnotationSource.FEEDBACK,
        most_a_day=most_a_day,
    )
    [added] = await uploads.add(services, invocation.function_id, [entry])
    if added.sample is None:
        raise added.error or NotFoundError("The picture is gone.")
    invocation.sample_id = added.sample.id
    await invocation.save(update_fields=["sample_id"])
    return added.sample
