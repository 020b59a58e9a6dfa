"""Which images of invocations are kept as samples, and why."""

import random
from datetime import UTC, datetime
from uuid import UUID

from pigeonhole.kinds import CaptureReason, Decision, SampleSource
from pigeonhole.services.predictors import Prediction
from pigeonhole.tables import Function, Sample


async def reason_for(
    function: Function, prediction: Prediction, requested: bool | None
) -> CaptureReason | None:
    """Return why an image is to be captured as a sample; None if it is not.

    A random share is drawn before the other rules, so that it does not depend on predictions.

    Args:
        function: Its settings are the rules.
        prediction: The answer to the invocation.
        requested: What the caller asked for. None: the settings decide.
    """
    if requested is not None:
        return CaptureReason.REQUESTED if requested else None
    if not function.capture_enabled:
        return None
    why = await _rule(function, prediction)
    if why is None or await captured_today(function.id) >= function.capture_daily_limit:
        return None
    return why


async def captured_today(function_id: UUID) -> int:
    """Return the number of samples captured since midnight (UTC)."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    captured = Sample.filter(function_id=function_id, source=SampleSource.CAPTURE)
    return await captured.filter(created_at__gte=midnight).count()


async def _rule(function: Function, prediction: Prediction) -> CaptureReason | None:
    """Return the first rule of a function that an image meets."""
    if random.random() < function.capture_random_share:
        return CaptureReason.RANDOM
    if function.capture_strange and prediction.decision == Decision.NONE_OF_THESE:
        return CaptureReason.STRANGE
    if await _is_rare(function, prediction):
        return CaptureReason.RARE_LABEL
    if prediction.confidence < function.capture_below:
        return CaptureReason.LOW_CONFIDENCE
    return None


async def _is_rare(function: Function, prediction: Prediction) -> bool:
    """Return whether the predicted label has fewer annotated samples than the function asks for."""
    most = function.capture_rare_below
    if most == 0:
        return False
    annotated = Sample.filter(function_id=function.id, label_id=prediction.label_id)
    return len(await annotated.limit(most).values_list("id")) < most
