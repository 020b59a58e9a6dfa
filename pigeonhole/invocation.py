"""Invocations: classifying new images with the active model, captures and feedback."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from pigeonhole import functions, images, names
from pigeonhole.access import audit
from pigeonhole.errors import (
    InsufficientStorageError,
    LimitReachedError,
    NotFoundError,
    PigeonholeError,
    UnavailableError,
)
from pigeonhole.kinds import AnnotationSource, CaptureReason, SampleSource
from pigeonhole.samples import captures, uploads
from pigeonhole.samples.annotations import LabelChoice
from pigeonhole.services import database, metrics, orphans
from pigeonhole.services.predictors import Prediction, label_ids
from pigeonhole.services.refusals import reason, refusal_of
from pigeonhole.services.services import Services
from pigeonhole.services.vectors import Floats, prepare
from pigeonhole.tables import Function, Invocation, Model, Sample

KEPT = timedelta(days=30)
"""How long an invocation is kept for feedback; images that became samples stay."""
BATCH = 1_000
"""Invocations deleted in one transaction."""
ENOUGH_S = 60.0
"""The longest duration of a sweep in seconds; the next one continues."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answered:
    """An invocation and its prediction; ``sample`` is set if the image was captured."""

    invocation: Invocation
    prediction: Prediction


async def invoke(
    services: Services,
    function_id: UUID,
    data: bytes,
    *,
    external_id: str | None = None,
    file_name: str | None = None,
    capture: bool | None = None,
    path: tuple[str, ...] = ("input", "image"),
    existing: frozenset[UUID] | None = None,
) -> Answered:
    """Classify one image; only labels of ``existing`` are answers, by default all.

    Raises:
        NotFoundError: Function not found.
        NotTrainedError: The function has no model yet.
        UnreadableImageError, ImageTooLargeError: The image cannot be used.
        LimitReachedError: ``capture`` is set, and the function has the maximum number of samples.
        OverloadedError: Too many images are already waiting.
    """
    function = await functions.get(function_id)
    predictor = await services.predictors.active(function)
    external_id = names.clean_text(
        external_id, ("input", "externalId"), longest=names.MAX_EXTERNAL_ID
    )
    encoder = await services.encoding.load(function.encoder)
    try:
        prepared = await services.decoding.decode(
            data, partial(prepare, encoder), at_least=encoder.image_size
        )
    except PigeonholeError as error:
        error.path = error.path or path
        raise
    picture, started = prepared.picture, time.perf_counter()
    vector, refusal = await asyncio.gather(
        services.encoding.embed_one(function.encoder, prepared),
        _keep(services, picture, data),
    )
    if refusal is not None and capture:
        refusal.path = path
        raise refusal
    try:
        prediction = await predict(services, function, vector, existing)
        async with in_transaction():
            invocation = await Invocation.create(
                function_id=function.id,
                model_id=predictor.model.id,
                external_id=external_id,
                file_name=names.file_name(file_name),
                sha256=picture.sha256,
                media_type=picture.media_type,
                width=picture.width,
                height=picture.height,
                byte_size=picture.byte_size,
                ranking=[[str(label), confidence] for label, confidence in prediction.ranking],
                label_id=prediction.label_id,
                confidence=prediction.confidence,
                decision=prediction.decision,
                model_time_ms=1_000 * (time.perf_counter() - started),
            )
            await orphans.claim([picture.sha256])
    except IntegrityError as error:  # it was deleted meanwhile
        raise NotFoundError("Function not found.", path=("input", "functionId")) from error
    metrics.INVOCATIONS.labels(prediction.decision.name).inc()
    why = await captures.reason_for(function, prediction, capture) if refusal is None else None
    if why is not None:
        try:
            most = None if capture else function.capture_daily_limit
            await _capture(services, invocation, data, why, most_a_day=most)
        except (LimitReachedError, UnavailableError, InsufficientStorageError):
            if capture:  # otherwise capturing is optional
                raise
    return Answered(invocation, prediction)


async def recall(services: Services, invocation: Invocation) -> Answered:
    """Return the answer that was given to an earlier invocation."""
    model = await Model.get(id=invocation.model_id)
    ranking = tuple((UUID(label), confidence) for label, confidence in invocation.ranking)
    return Answered(invocation, Prediction(model, ranking, invocation.decision))


async def invoke_batch(
    services: Services, function_id: UUID, files: Sequence[images.File | PigeonholeError]
) -> list[Answered | PigeonholeError]:
    """Classify many images, each on its own; results are in the order of the images.

    Raises:
        NotFoundError: Function not found.
        NotTrainedError: The function has no model yet.
    """
    await services.predictors.active(await functions.get(function_id))
    existing = await label_ids(function_id)  # once, because a function may have 1,000
    ask = partial(invoke, services, function_id, existing=existing)

    async def one(index: int, file: images.File | PigeonholeError) -> Answered | PigeonholeError:
        path = ("input", "images", str(index))
        try:
            if isinstance(file, PigeonholeError):
                raise file
            return await ask(file.data, file_name=file.name, path=path)
        except Exception as error:
            refusal = error if isinstance(error, PigeonholeError) else refusal_of(error)
            if refusal is None:
                raise
            refusal.path = refusal.path or path
            return refusal

    return await asyncio.gather(*(one(index, file) for index, file in enumerate(files)))


async def give_feedback(
    services: Services,
    invocation_id: UUID,
    label: LabelChoice,
    *,
    record: audit.Record = audit.unrecorded,
) -> Sample:
    """Record the right answer of an invocation; its image becomes an annotated sample.

    Raises:
        NotFoundError: The invocation or the label does not exist, or no longer exists.
        ConflictError: The label belongs to another function.
    """
    invocation = await Invocation.get_or_none(id=invocation_id)
    if invocation is None:
        raise NotFoundError(
            f"Invocation not found. Invocations are kept for {KEPT.days} days.",
            path=("input", "invocationId"),
        )
    try:
        data = await services.storage.get(invocation.sha256)
    except NotFoundError:
        raise NotFoundError(
            "The image of this invocation was not stored, because the storage was unavailable or "
            "full.",
            path=("input", "invocationId"),
        ) from None
    why = CaptureReason.FEEDBACK
    return await _capture(services, invocation, data, why, label=label, record=record)


async def sweep(most_bytes: int | None = None, *, enough_s: float = ENOUGH_S) -> int:
    """Delete invocations that are older than ``KEPT``; return how many were deleted.

    If the images of the others have more than ``most_bytes`` together, the oldest are deleted too.
    Images that became samples are not counted. Works in batches until all are deleted or the time
    is used up.
    """
    went, ends_at = 0, time.monotonic() + enough_s
    while time.monotonic() < ends_at:
        old = await Invocation.filter(created_at__lt=datetime.now(UTC) - KEPT).limit(BATCH)
        if not old:
            break
        await _let_go(old)
        went += len(old)
    over = 0 if most_bytes is None else await _kept_bytes() - most_bytes
    while over > 0 and time.monotonic() < ends_at:
        oldest = await Invocation.filter(sample_id__isnull=True).order_by("id").limit(BATCH)
        chosen: dict[UUID, Invocation] = {}
        sizes: dict[str, int] = {}
        for row in oldest:
            if sum(sizes.values()) >= over:
                break
            chosen[row.id], sizes[row.sha256] = row, row.byte_size
        if not chosen:
            break
        await _let_go(list(chosen.values()))
        others = Invocation.filter(sha256__in=list(sizes), sample_id__isnull=True)
        for sha256 in set(await others.values_list("sha256", flat=True)):
            del sizes[str(sha256)]
        over -= sum(sizes.values())
        went += len(chosen)
    return went


async def _let_go(rows: list[Invocation]) -> None:
    async with in_transaction():
        await Invocation.filter(id__in=[row.id for row in rows]).delete()
        await orphans.forget({row.sha256 for row in rows})


async def _kept_bytes() -> int:
    """Return the bytes of all images kept for invocations only, each counted once."""
    [found] = await database.connection().execute_query_dict(
        "SELECT COALESCE(SUM(size), 0) AS bytes FROM (SELECT MAX(byte_size) AS size "
        "FROM invocation WHERE sample_id IS NULL GROUP BY sha256) AS kept"
    )
    return int(found["bytes"])


async def _keep(
    services: Services, picture: images.Picture, data: bytes
) -> UnavailableError | InsufficientStorageError | None:
    """Store an image, so that feedback can make it a sample; return why it could not be stored."""
    try:
        await orphans.hold([picture.sha256])
        await services.storage.put(picture.sha256, data)
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        log.warning("image_not_kept", code=refusal.code, reason=reason(error))
        return refusal
    return None


async def predict(
    services: Services, function: Function, vector: Floats, existing: frozenset[UUID] | None = None
) -> Prediction:
    """Return the active model's prediction for an embedding ``(dim,)``, as `invoke` does."""
    predictor = await services.predictors.active(function)
    existing = existing or await label_ids(function.id)
    ask = partial(predictor.predict, existing=existing, max_error_rate=function.max_error_rate)
    [prediction] = await asyncio.to_thread(ask, vector[None, :])
    return prediction


async def _capture(
    services: Services,
    invocation: Invocation,
    data: bytes,
    why: CaptureReason,
    *,
    label: LabelChoice | None = None,
    most_a_day: int | None = None,
    record: audit.Record = audit.unrecorded,
) -> Sample:
    """Return an invoked image as a new or existing sample, annotated if a label is given."""
    entry = uploads.NewSample(
        data=data,
        path=("input",),
        file_name=invocation.file_name,
        label=label,
        label_field="label",
        source=SampleSource.CAPTURE,
        capture_reason=why,
        annotation_source=AnnotationSource.FEEDBACK,
        most_a_day=most_a_day,
        invocation_id=invocation.id,
    )
    [added] = await uploads.add(services, invocation.function_id, [entry], record=record)
    if added.sample is None:
        raise added.error or NotFoundError("The image of the invocation no longer exists.")
    invocation.sample_id = added.sample.id
    return added.sample
