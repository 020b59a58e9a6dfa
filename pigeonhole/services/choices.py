"""Decisions made once for a deployment and kept in its database."""

import asyncio
import hashlib
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager

from pigeonhole import encoders
from pigeonhole.encoders import Encoder
from pigeonhole.encoders.remote import Service
from pigeonhole.errors import UnavailableError
from pigeonhole.settings import Settings
from pigeonhole.tables import Choice

ENCODER = "encoder"
"""The name of the choice that `auto` stands for."""


@contextmanager
def encoder_service(settings: Settings) -> Iterator[Service | None]:
    """Open a client of the encoder service; None if encoders are loaded here."""
    if settings.encoder_url == "":
        yield None
        return
    secret, wait_s = settings.encoder_secret, settings.encoder_wait_s
    with closing(Service(settings.encoder_url, secret, timeout_s=wait_s)) as service:
        yield service


def is_here(spec: str, service: Service | None) -> bool:
    """Return whether an encoder loads without a download, or from the service, if there is one.

    Raises:
        ValueError: There is no such encoder.
        OSError: The service does not answer.
    """
    return encoders.is_here(spec) if service is None else service.has(spec)


async def chosen_encoder(settings: Settings) -> str:
    """Return the encoder for new functions.

    The meaning of `auto` is decided once and recorded, so that it never changes afterwards. It is
    not decided while an encoder service has nothing but the bundled encoder: its operator may be
    starting the others.
    """
    if settings.encoder != "auto":
        return settings.encoder
    choice = await Choice.get_or_none(name=ENCODER)
    if choice is None:
        spec = await asyncio.to_thread(_choose, settings)
        if settings.encoder_url and spec == encoders.BUNDLED:
            return spec
        choice, _ = await Choice.get_or_create(name=ENCODER, defaults={"value": spec})
    return choice.value


def _choose(settings: Settings) -> str:
    with encoder_service(settings) as service:
        if service is not None:
            return service.choose()
    return encoders.choose(
        "auto",
        fetch_timeout_s=settings.encoder_fetch_timeout_s,
        download_timeout_s=settings.encoder_download_timeout_s,
    )


async def encoder_of_new_functions(settings: Settings) -> str:
    """Return the encoder for new functions, unless its weights are still being fetched.

    Raises:
        UnavailableError: They are.
    """
    if settings.encoder == "auto" and not await Choice.exists(name=ENCODER):
        share = await asyncio.to_thread(encoders.fetching)
        if share is not None:
            raise UnavailableError(
                f"The weights of the image encoder are being downloaded: {share}. Try again soon."
            )
    return await chosen_encoder(settings)


async def set_encoder(spec: str) -> None:
    """Use this encoder for new functions where the setting is `auto`."""
    await Choice.update_or_create(name=ENCODER, defaults={"value": spec})


async def hold_to_weights(spec: str, encoder: Encoder) -> None:
    """Hold an encoder to the weights that this deployment has used first.

    Vectors of other weights would not compare with those that are stored.

    Raises:
        ValueError: The weights are others.
    """
    if encoder.digest is None:
        return
    name = f"weights:{hashlib.sha256(spec.encode()).hexdigest()[:32]}"
    choice, _ = await Choice.get_or_create(name=name, defaults={"value": encoder.digest})
    if choice.value != encoder.digest:
        raise ValueError(
            f"The weights of {spec} on this machine have the SHA-256 {encoder.digest}, but the "
            f"vectors of this deployment are of those with {choice.value}. Copy these to this "
            "machine."
        )


async def signing_secret(name: str) -> str:
    """Return the signing secret that all servers of this database share, created at first use."""
    choice, _ = await Choice.get_or_create(name=name, defaults={"value": secrets.token_urlsafe(32)})
    return choice.value
