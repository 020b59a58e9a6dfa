"""Changes of a function from one encoder to another: started, switched, stopped, gone back on.

The vectors of the new encoder are stored beside the old ones, which answer and train until the
switch: that is one transaction. What a change leaves behind is let go afterwards, see `let_go`.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.expressions import F
from tortoise.transactions import in_transaction

from pigeonhole import functions
from pigeonhole.access import audit
from pigeonhole.encoders import remote
from pigeonhole.errors import ConflictError, InvalidError
from pigeonhole.kinds import EncoderChangeState
from pigeonhole.revisions import lock, training_set_changed
from pigeonhole.services import events, jobs
from pigeonhole.services.services import Services
from pigeonhole.tables import Choice, Embedding, EncoderChange, Function, Model, ModelArrays, Sample
from pigeonhole.webhooks import outbox

OPEN = (*jobs.WORKING, EncoderChangeState.WAITING)
KEPT = timedelta(days=7)
"""How long the vectors of the encoder before are kept after a switch, for going back."""
COMPARED = 50
"""Changes of which `speeds` looks at the comparison."""
BATCH = 500
"""Samples whose vectors are let go together."""


async def newest(function_id: UUID) -> EncoderChange | None:
    """Return the last change of a function, if there has been any."""
    return await EncoderChange.filter(function_id=function_id).order_by("-id").first()


async def speeds() -> dict[str, float]:
    """Return the milliseconds an image that encoders took here, as the last changes measured."""
    compared = EncoderChange.filter(comparison__isnull=False).order_by("-id").limit(COMPARED)
    found: dict[str, float] = {}
    for change in await compared.only("id", "encoder", "encoder_before", "comparison"):
        found.setdefault(change.encoder, change.comparison["ms_after"])
        found.setdefault(change.encoder_before, change.comparison["ms_before"])
    return found


async def start(
    services: Services,
    function_id: UUID,
    spec: str,
    *,
    switches_by_itself: bool = True,
    record: audit.Record = audit.unrecorded,
) -> EncoderChange:
    """Begin to change a function's encoder; workers embed its images beside the old vectors.

    Args:
        services: The open services.
        function_id: The function.
        spec: The encoder, whose weights must be on this machine.
        switches_by_itself: Whether the function is switched as soon as all is there, unless the new
            model is worse; otherwise `switch` does.
        record: Writes the audit log.

    Raises:
        NotFoundError: Function not found.
        InvalidError: There is no such encoder here.
        ConflictError: The function has this encoder, or is being changed already.
    """
    function = await functions.get(function_id)
    await _require(services, spec)
    async with in_transaction():
        function = (await lock([function_id])).get(function_id) or function
        if function.encoder == spec:
            raise ConflictError(
                "The function uses this encoder already.", path=("input", "encoder")
            )
        if await EncoderChange.filter(function_id=function_id, state__in=OPEN).exists():
            raise ConflictError(
                "The encoder of this function is being changed already. Stop that first.",
                path=("input", "functionId"),
            )
        change = await EncoderChange.create(
            function_id=function_id,
            encoder=spec,
            encoder_before=function.encoder,
            identity_before=function.embedded_for,
            switches_by_itself=switches_by_itself,
        )
        await record([function])
    await jobs.request_encoder_change(services.redis, function_id)
    await events.publish(services.broadcast, function_id)
    return change


async def stop(
    services: Services, function_id: UUID, *, record: audit.Record = audit.unrecorded
) -> EncoderChange:
    """Stop a change that has not switched; its vectors are let go.

    Raises:
        NotFoundError: Function not found.
        ConflictError: There is no such change.
    """
    async with in_transaction():
        change, function = await _last(function_id)
        if change is None or change.state not in OPEN:
            raise ConflictError(
                "The encoder of this function is not being changed.", path=("input", "functionId")
            )
        await _finish(change, EncoderChangeState.STOPPED)
        await record([function])
    await events.publish(services.broadcast, function_id)
    return change


async def switch(
    services: Services, function_id: UUID, *, record: audit.Record = audit.unrecorded
) -> EncoderChange:
    """Switch a function to the encoder that it is being changed to, once all is there.

    Raises:
        NotFoundError: Function not found.
        ConflictError: There is no change that waits for this.
    """
    async with in_transaction():
        change, function = await _last(function_id)
        if change is None or change.state != EncoderChangeState.WAITING:
            raise ConflictError(
                "No change of this function's encoder waits to be switched.",
                path=("input", "functionId"),
            )
        told = await put_in_place(change, function)
        await record([function])
    await follow(services, function_id, told)
    return change


async def go_back(
    services: Services, function_id: UUID, *, record: audit.Record = audit.unrecorded
) -> EncoderChange:
    """Return a function to the encoder and the model that it had before its last change.

    Raises:
        NotFoundError: Function not found.
        ConflictError: Its last change has not switched, or the vectors from before are gone.
    """
    async with in_transaction():
        change, function = await _last(function_id)
        if change is None or change.state != EncoderChangeState.SWITCHED:
            raise ConflictError(
                "The last change of this function's encoder has not been switched.",
                path=("input", "functionId"),
            )
        if not change.vectors_kept:
            raise ConflictError(
                f"The vectors of {change.encoder_before} are gone after {KEPT.days} days. Change "
                "the encoder again instead.",
                path=("input", "functionId"),
            )
        kept = await ModelArrays.filter(model_id=change.model_before_id).exists()
        before = await Model.get_or_none(id=change.model_before_id) if kept else None
        told = await _use(function, change.encoder_before, before, owed=True)
        await _finish(change, EncoderChangeState.UNDONE)
        await record([function])
    await follow(services, function_id, told)
    return change


async def put_in_place(change: EncoderChange, function: Function) -> list[UUID]:
    """Let a function use the new encoder and its model, in a transaction that has locked it.

    If annotations have changed since the model was fitted, training is owed. Returns the webhooks
    that are told, for `follow`.
    """
    model = await Model.get_or_none(id=change.model_id)
    change.model_before_id = function.active_model_id
    change.identity_before = function.embedded_for or change.identity_before
    owed = model is None or model.revision != function.revision
    told = await _use(function, change.encoder, model, owed=owed)
    await _finish(change, EncoderChangeState.SWITCHED)
    return told


async def follow(services: Services, function_id: UUID, told: list[UUID]) -> None:
    """Request what a switch leads to: rows marked, answers stored, perhaps a training."""
    await outbox.deliver_soon(services, told)
    await jobs.request_embedding(services.redis, function_id)
    await jobs.request_answers(services.redis, function_id)
    await training_set_changed(services, function_id)


async def let_go() -> int:
    """Delete vectors that ended changes have made needless; return of how many samples.

    Those of the encoder before, ``KEPT`` after a switch; those of the new one, when a change was
    stopped or gone back on. Vectors that another function needs stay.
    """
    ended = [EncoderChangeState.STOPPED, EncoderChangeState.UNDONE]
    kept = EncoderChange.filter(vectors_kept=True)
    changes = await kept.filter(state__in=ended)
    changes += await kept.filter(
        state=EncoderChangeState.SWITCHED, finished_at__lt=datetime.now(UTC) - KEPT
    )
    went = 0
    for change in changes:
        switched = change.state == EncoderChangeState.SWITCHED
        spec = change.encoder_before if switched else change.encoder
        identity = change.identity_before if switched else change.identity
        if identity is not None:
            went += await _delete(change.function_id, spec, identity)
        await EncoderChange.filter(id=change.id).update(vectors_kept=False)
    return went


async def _delete(function_id: UUID, spec: str, identity: str) -> int:
    needing = set(await Function.filter(encoder=spec).values_list("id", flat=True))
    changing = EncoderChange.filter(encoder=spec, state__in=OPEN)
    needing |= set(await changing.values_list("function_id", flat=True))
    if function_id in needing:
        return 0
    went, last = 0, UUID(int=0)
    while True:
        rows = Sample.filter(function_id=function_id, id__gt=last).order_by("id").limit(BATCH)
        samples = await rows.only("id", "sha256")
        if not samples:
            return went
        last = samples[-1].id
        shas = {row.sha256 for row in samples}
        others = Sample.filter(sha256__in=list(shas), function_id__in=list(needing))
        shas -= set(await others.values_list("sha256", flat=True))
        await Embedding.filter(encoder=identity, sha256__in=list(shas)).delete()
        went += len(shas)


async def require_same(services: Services, model: Model) -> None:
    """Check that a model was made with the encoder that its function uses.

    Raises:
        ConflictError: It was made with another.
    """
    function = await functions.get(model.function_id)
    name = (await services.encoding.load(function.encoder)).name
    if model.encoder != name:
        raise ConflictError(
            f"This model was made with the encoder {model.encoder}, and the function uses {name}. "
            "Change the encoder of the function.",
            path=("input", "id"),
        )


async def _require(services: Services, spec: str) -> None:
    """Check that an encoder is known to this deployment and loads."""
    own = {services.settings.encoder, *await Function.all().values_list("encoder", flat=True)}
    own |= set(await Choice.filter(name="encoder").values_list("value", flat=True))
    try:
        if spec not in own - {"auto"} and not await services.encoding.loaded.is_here(spec):
            raise InvalidError(_missing(services, spec), path=("input", "encoder"))
        await services.encoding.load(spec)
    except remote.AwayError:
        raise
    except (ValueError, OSError) as error:
        raise InvalidError(str(error), path=("input", "encoder")) from error


def _missing(services: Services, spec: str) -> str:
    if services.encoding.loaded.service is None:
        there, command = "The weights of {0} are not on this machine.", "fetch"
    else:
        there, command = "The encoder service does not have {0}.", "serve"
    return f"{there.format(spec)} Run `pigeonhole encoder {command} {spec}` there."


async def _last(function_id: UUID) -> tuple[EncoderChange | None, Function]:
    """Lock a function; return its last change, and its row."""
    function = (await lock([function_id])).get(function_id)
    return await newest(function_id), function or await functions.get(function_id)


async def _use(function: Function, spec: str, model: Model | None, *, owed: bool) -> list[UUID]:
    """Write what a function uses from now on, and the event of its model; return who is told."""
    await Function.filter(id=function.id).update(
        encoder=spec,
        embedded_for=None,  # each sample is marked for the new identity, and compared, by a job
        active_model_id=model and model.id,
        answer_revision=F("answer_revision") + 1,
        revision=F("revision") + int(owed),
    )
    return [] if model is None else await outbox.model_activated(function, model)


async def _finish(change: EncoderChange, state: EncoderChangeState) -> None:
    change.state, change.finished_at = state, datetime.now(UTC)
    await change.save()
