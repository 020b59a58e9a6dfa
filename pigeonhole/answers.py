"""What a function's active model says of its samples."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import numpy as np

from pigeonhole.errors import NotTrainedError
from pigeonhole.models import Function, Sample
from pigeonhole.predictions import Prediction, label_ids
from pigeonhole.services import Services


async def of_samples(services: Services, samples: Sequence[Sample]) -> dict[UUID, Prediction]:
    """Each sample's prediction: held out if the model learned from it, else the model's own.

    Samples without one are left out: their function has no model, or they are not embedded yet.
    """
    answers: dict[UUID, Prediction] = {}
    by_function = defaultdict(list)
    for sample in samples:
        by_function[sample.function_id].append(sample)
    for function in await Function.filter(id__in=list(by_function)):
        if function.active_model_id is not None:
            answers |= await _of_function(services, function, by_function[function.id])
    return answers


async def _of_function(
    services: Services, function: Function, samples: Sequence[Sample]
) -> dict[UUID, Prediction]:
    predictor = await services.predictors.active(function)
    existing = await label_ids(function.id)
    answers, unseen = {}, []
    for sample in samples:
        held_out = predictor.held_out_prediction(
            sample.id, existing=existing, max_error_rate=function.max_error_rate
        )
        if held_out is not None:
            answers[sample.id] = held_out
        elif sample.embedded:
            unseen.append(sample)
    encoder = await services.encoding.load(function.encoder)
    vectors = await services.encoding.known(encoder, [sample.sha256 for sample in unseen])
    unseen = [sample for sample in unseen if sample.sha256 in vectors]
    if unseen:
        stacked = np.stack([vectors[sample.sha256] for sample in unseen]).astype(np.float32)
        try:
            predictions = predictor.predict(
                stacked, existing=existing, max_error_rate=function.max_error_rate
            )
        except NotTrainedError:  # its labels were deleted
            return answers
        answers |= {s.id: prediction for s, prediction in zip(unseen, predictions, strict=True)}
    return answers
