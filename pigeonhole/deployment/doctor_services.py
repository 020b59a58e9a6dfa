"""The doctor's checks of Redis, the storage and the encoder."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pigeonhole.deployment import data_folder
from pigeonhole.deployment.doctor import ANSWER_S, Check, State, check_database, said
from pigeonhole.deployment.logs import redact
from pigeonhole.settings import Settings, variable

if TYPE_CHECKING:
    from pigeonhole.encoders.remote import Service


async def check_redis(settings: Settings) -> Check:
    """Check that Redis answers, keeps its data across restarts, and evicts no jobs."""
    url = settings.redis_url
    if url == "":
        who = data_folder.holder(settings.resolved_data_dir)
        if who is None or who.redis_url == "":
            return Check("redis", State.OK, "The embedded Valkey, which `up` starts and stops.")
        url = who.redis_url
    from redis.exceptions import RedisError

    from pigeonhole.services.redis import client

    shown = redact(url)
    try:
        async with asyncio.timeout(ANSWER_S), client(url) as redis:
            server = await redis.info("server")
            persistence = await redis.info("persistence")
            memory = await redis.info("memory")
    except (RedisError, OSError, TimeoutError) as error:
        return Check(
            "redis",
            State.PROBLEM,
            f"{shown} cannot be used: {said(error)}",
            f"Check that Redis or Valkey is running there and that {variable('redis_url')} has the "
            "right password; or leave it empty and run `up`, which starts its own.",
        )
    version = server.get("valkey_version") or server.get("redis_version")
    kind = "Valkey" if "valkey_version" in server else "Redis"
    if int(str(version).split(".")[0]) < 6:
        return Check("redis", State.PROBLEM, f"{shown} is {kind} {version}.", "Use 6.2 or newer.")
    if not persistence.get("aof_enabled"):
        return Check(
            "redis",
            State.WARNING,
            f"{shown} is {kind} {version} without an append-only file: a restart loses the "
            "queue, and work is delayed by up to a minute.",
            "Set `appendonly yes` there.",
        )
    policy = memory.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        return Check(
            "redis",
            State.WARNING,
            f"{shown} is {kind} {version} and may evict jobs when its memory is full ({policy}).",
            "Set `maxmemory-policy noeviction` there.",
        )
    return Check("redis", State.OK, f"{shown} answers: {kind} {version}, append-only file on.")


async def check_storage(settings: Settings) -> Check:
    """Check that an object can be written, read and deleted."""
    from pigeonhole.services import storage

    url = settings.resolved_storage_url
    shown = redact(url)
    if settings.storage_url == "" and not settings.resolved_data_dir.exists():
        return Check("storage", State.OK, f"{shown} does not exist yet; `up` creates it.")
    try:
        async with asyncio.timeout(3 * ANSWER_S):
            await storage.open_storage(url).check()
    except Exception as error:  # noqa: BLE001 - each kind of store has its own errors
        fix = (
            "Make the folder writable for this user, and check the free space of its disk."
            if urlsplit(url).scheme == "file"
            else f"Check that {variable('storage_url')} names the bucket, and that the credentials "
            "in the environment allow reading, writing and deleting."
        )
        return Check("storage", State.PROBLEM, f"{shown} cannot be used: {said(error)}", fix)
    return Check("storage", State.OK, f"{shown}: a test object was written, read and deleted.")


async def check_encoder(settings: Settings) -> Check:
    """Check which encoder new functions use, and that this one and those in use can be loaded."""
    from pigeonhole.services.choices import encoder_service

    with encoder_service(settings) as service:
        if service is not None:
            return await _check_service(settings, service)
    spec = settings.encoder
    folder = settings.encoders_dir if settings.encoders_dir.exists() else None
    precision = settings.encoder_precision
    try:
        from pigeonhole import encoders

        chosen, used = await _recorded(settings)
        if spec == "auto":
            if chosen is None:
                missing: str | None
                chosen, missing = await asyncio.to_thread(
                    encoders.outlook, fetch_timeout_s=settings.encoder_fetch_timeout_s
                )
                if missing is not None:
                    return Check("encoder", State.OK, f"{chosen} is chosen; {missing}.")
            spec = chosen or spec
        encoder = await asyncio.to_thread(encoders.load, spec, folder, precision)
    except Exception as error:  # noqa: BLE001 - torch, the hub and files each have their own errors
        return Check(
            "encoder",
            State.PROBLEM,
            f"Encoder {spec!r} cannot be loaded: {said(error)}",
            f"Set {variable('encoder')} to `bundled`, which needs no network, or to a model whose "
            "weights are on this machine.",
        )
    for other in sorted(used - {spec}):
        try:
            await asyncio.to_thread(encoders.load, other, folder, precision)
        except Exception as error:  # noqa: BLE001 - the same
            return Check(
                "encoder",
                State.PROBLEM,
                f"Encoder {other!r}, which functions use, cannot be loaded: {said(error)}",
                "Make its weights available again; until then these functions cannot be used.",
            )
    if settings.encoder == "auto" and spec == encoders.BUNDLED:
        return Check(
            "encoder",
            State.WARNING,
            "Using the bundled encoder: the CLIP weights are not on this machine and could not be "
            f"downloaded. {encoder.warning or ''}".rstrip(),
            f"Run `pigeonhole encoder fetch {encoders.DEFAULT}` where the model hub can be "
            f"reached, then `pigeonhole encoder use {encoders.DEFAULT}`; existing functions keep "
            f"their encoder. Set {variable('encoder')} to `bundled` to silence this warning.",
        )
    return Check(
        "encoder", State.OK, f"{encoder.name} loads ({encoder.identity}, by {encoder.runtime})."
    )


async def _check_service(settings: Settings, service: "Service") -> Check:
    """Check that the encoder service answers with all encoders that are needed."""
    import numpy as np
    from PIL import Image

    from pigeonhole.encoders.remote import AwayError, UnknownError

    spec = ""

    def embed(spec: str) -> str:
        encoder = service.load(spec)
        side = encoder.image_size
        encoder.embed(encoder.preprocess(Image.new("RGB", (side, side)))[np.newaxis])
        return f"{encoder.name} ({encoder.identity}, by {encoder.runtime})"

    try:
        chosen, used = await _recorded(settings)
        spec = settings.encoder if settings.encoder != "auto" else chosen or ""
        chosen = spec or await asyncio.to_thread(service.choose)
        found = []
        for spec in (chosen, *sorted(used - {chosen})):
            found.append(await asyncio.to_thread(embed, spec))
    except UnknownError as error:
        fix = f"Run `pigeonhole encoder serve {spec} --ray ADDRESS` with the service's cluster."
        return Check("encoder", State.PROBLEM, said(error), fix)
    except AwayError as error:
        fix = (
            f"Check {variable('encoder_url')} and {variable('encoder_secret')}, and the service by "
            "`serve status` on a node of its cluster."
        )
        return Check("encoder", State.PROBLEM, said(error), fix)
    return Check("encoder", State.OK, f"The encoder service embeds with {', '.join(found)}.")


async def _recorded(settings: Settings) -> tuple[str | None, set[str]]:
    """Return the encoder chosen for `auto` in this database, if any, and the encoders in use."""
    if (await check_database(settings)).state is not State.OK:
        return None, set()
    from pigeonhole.services import database
    from pigeonhole.tables import Choice, Function

    async with database.connected(settings.resolved_database_url):
        choice = await Choice.get_or_none(name="encoder")
        used = {row.encoder for row in await Function.all().only("encoder")}
        return choice.value if choice else None, used
