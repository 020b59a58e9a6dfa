"""API keys: who may do what.

A secret is ``ph_PREFIX_RANDOM``. The prefix finds the row; the random part has 256 bits. The row
keeps a SHA-256 of the secret and no slow hash: those make guessing dear where a secret has few
bits, such as a password. 256 random bits cannot be guessed at any price, and a slow hash would
cost each request 50 ms and hand every stranger a lever to pull.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from pigeonhole import names
from pigeonhole.errors import InvalidError, NotFoundError, RequiredError
from pigeonhole.models import ApiKey, ApiKeyScope, Choice, Function

MARK = "ph"
"""What every secret begins with, so that scanners of leaked secrets can know it."""
ALL_SCOPES = frozenset(ApiKeyScope)
IMPLIED: dict[ApiKeyScope, frozenset[ApiKeyScope]] = {
    ApiKeyScope.INVOKE: frozenset(),
    ApiKeyScope.READ: frozenset(),
    ApiKeyScope.WRITE: frozenset({ApiKeyScope.READ}),  # its answers show what was written
    ApiKeyScope.ADMIN: ALL_SCOPES,
}
MAX_FUNCTIONS = 100
"""Functions that one key can be restricted to."""


def new_secret() -> tuple[str, str]:
    """A prefix and the whole secret, both new."""
    prefix = f"{MARK}_{secrets.token_hex(5)}"
    return prefix, f"{prefix}_{secrets.token_hex(32)}"


def hash_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def prefix_of(secret: str) -> str | None:
    """The part of a secret that finds its row; None where it cannot be a secret of ours."""
    parts = secret.split("_")
    return "_".join(parts[:2]) if len(parts) == 3 and parts[0] == MARK else None


def is_secret_of(key: ApiKey, secret: str) -> bool:
    """Whether a secret is the key's, compared in constant time."""
    return hmac.compare_digest(key.secret_hash, hash_of(secret))


def is_live(key: ApiKey) -> bool:
    """Whether a key is neither revoked nor expired."""
    expired = key.expires_at is not None and key.expires_at <= datetime.now(UTC)
    return key.revoked_at is None and not expired


def with_implied(given: Iterable[ApiKeyScope]) -> frozenset[ApiKeyScope]:
    """Scopes, with those that they imply."""
    given = frozenset(given)
    return given.union(*(IMPLIED[scope] for scope in given))


def scopes_of(key: ApiKey) -> frozenset[ApiKeyScope]:
    """What a key allows, with what its scopes imply."""
    return _scopes(tuple(key.scopes))


@lru_cache(maxsize=100)
def _scopes(given: tuple[str, ...]) -> frozenset[ApiKeyScope]:
    return with_implied(ApiKeyScope(scope) for scope in given)


async def create(
    *,
    name: str,
    scopes: Collection[ApiKeyScope],
    function_ids: Sequence[UUID] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; the secret is given here and nowhere else.

    Raises:
        RequiredError: It has no scope, no name, or an empty list of functions.
        InvalidError: An admin key is restricted to functions, there are too many of these, or it
            expires in the past.
        NotFoundError: There is no such function.
        TooLongError: The name.
    """
    name = names.clean_name(name, ("input", "name"))
    if not scopes:
        raise RequiredError("Give at least one scope.", path=("input", "scopes"))
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise InvalidError("It would have expired already.", path=("input", "expiresAt"))
    if function_ids is not None:
        await _check_restriction(scopes, function_ids)
    prefix, secret = new_secret()
    key = await ApiKey.create(
        name=name,
        prefix=prefix,
        secret_hash=hash_of(secret),
        scopes=[scope for scope in ApiKeyScope if scope in scopes],
        function_ids=function_ids and [str(id) for id in dict.fromkeys(function_ids)],
        expires_at=expires_at,
    )
    return key, secret


async def _check_restriction(scopes: Collection[ApiKeyScope], function_ids: Sequence[UUID]) -> None:
    path = ("input", "functionIds")
    if ApiKeyScope.ADMIN in scopes:  # it could make itself a key without the restriction
        raise InvalidError("A key with ADMIN can't be restricted to functions.", path=path)
    if not function_ids:
        raise RequiredError("Name at least one function, or leave the list out.", path=path)
    if len(function_ids) > MAX_FUNCTIONS:
        raise InvalidError(f"A key is restricted to at most {MAX_FUNCTIONS} functions.", path=path)
    there = {row.id for row in await Function.filter(id__in=list(function_ids)).only("id")}
    for index, id in enumerate(function_ids):
        if id not in there:
            raise NotFoundError("There is no such function.", path=(*path, str(index)))


async def revoke(id: UUID) -> ApiKey:
    """Let nobody in by a key any more; one that was revoked before stays as it is.

    Raises:
        NotFoundError: There is no such key.
    """
    await ApiKey.filter(id=id, revoked_at=None).update(revoked_at=datetime.now(UTC))
    key = await ApiKey.get_or_none(id=id)
    if key is None:
        raise NotFoundError("There is no such API key.", path=("input", "id"))
    return key


async def live(scope: ApiKeyScope | None = None) -> list[ApiKey]:
    """Keys that let somebody in, of a scope where one is given; oldest first."""
    return [
        key
        for key in await ApiKey.filter(revoked_at=None).order_by("id")
        if is_live(key) and (scope is None or scope in scopes_of(key))
    ]


def public_id(key: ApiKey) -> str:
    """A key's id as clients of the API see it."""
    return f"ak_{key.id.hex}"


async def signing_secret(name: str) -> str:
    """A secret that all servers of this database sign with, made by the first that asks."""
    choice, _ = await Choice.get_or_create(name=name, defaults={"value": secrets.token_urlsafe(32)})
    return choice.value
