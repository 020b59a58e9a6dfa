"""Whether a function has learned from all of its annotations."""

from pigeonhole_client.api.enums import TrainingState
from pigeonhole_client.api.fragments import FunctionFields
from pigeonhole_client.errors import TrainingError


def is_trained(fields: FunctionFields) -> bool:
    """Return whether the newest run has learned from all annotations.

    Raises:
        TrainingError: It failed or was canceled, or no run will start automatically.
    """
    last = fields.training_runs.nodes[-1] if fields.training_runs.nodes else None
    under_way = last is not None and last.state in (TrainingState.QUEUED, TrainingState.RUNNING)
    if under_way:
        return False
    if not fields.readiness.trainable:
        raise TrainingError(" ".join(fields.readiness.missing))
    if fields.training_owed:
        if not fields.auto_train:
            raise TrainingError(f"Training of {fields.name!r} does not start automatically.")
        return False
    if last is None or last.state is not TrainingState.SUCCEEDED:
        raise TrainingError((last and last.failure) or "The training run was canceled.")
    return True
