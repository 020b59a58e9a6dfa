"""API keys: who may do what.

A secret has the form ``ph_PREFIX_RANDOM``. The prefix identifies the row; the random part has 256
bits. The row keeps a SHA-256 of the secret rather than a slow hash: slow hashes protect secrets
with few bits, such as passwords. 256 random bits cannot be guessed, while a slow hash would cost
each request 50 ms and let any stranger load the server.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from tortoise.models import Model as Row
from tortoise.transactions import in_transaction

from pigeonhole import names
from pigeonhole.access import audit
from pigeonhole.errors import InvalidError, NotFoundError, RequiredError
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.tables import ApiKey, Function

MARK = "ph"
"""Prefix of every secret, by which scanners recognize leaked secrets."""
ALL_SCOPES = frozenset(ApiKeyScope)
IMPLIED: dict[ApiKeyScope, frozenset[ApiKeyScope]] = {
    ApiKeyScope.INVOKE: frozenset(),
    ApiKeyScope.READ: frozenset(),
    ApiKeyScope.WRITE: frozenset({ApiKeyScope.READ}),  # mutations return what was written
    ApiKeyScope.ADMIN: ALL_SCOPES,
}
COMMAND_LINE = "command line"
"""Actor in the audit log when the command line creates or revokes a key."""
MAX_FUNCTIONS = 100
"""Most functions that one key can be restricted to."""


def new_secret() -> tuple[str, str]:
    """Return a new prefix and the whole new secret."""
    prefix = f"{MARK}_{secrets.token_hex(5)}"
    return prefix, f"{prefix}_{secrets.token_hex(32)}"


def hash_of(secret: str) -> str:
    """Return the hash of a secret, as the row keeps it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def prefix_of(secret: str) -> str | None:
    """Return the prefix of a secret; None if the text does not have the form of one."""
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
    """Return scopes together with those that they imply."""
    given = frozenset(given)
    return given.union(*(IMPLIED[scope] for scope in given))


def scopes_of(key: ApiKey) -> frozenset[ApiKeyScope]:
    """Return the scopes of a key, including implied ones."""
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
    record: audit.Record = audit.unrecorded,
) -> tuple[ApiKey, str]:
    """Create a key and return it with its secret, which cannot be read again.

    Raises:
        RequiredError: It has no scope, no name, or an empty list of functions.
        InvalidError: An admin key is restricted to functions, there are too many of these, or it
            expires in the past.
        NotFoundError: Function not found.
        TooLongError: The name.
    """
    name = names.clean_name(name, ("input", "name"))
    if not scopes:
        raise RequiredError("At least one scope is required.", path=("input", "scopes"))
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise InvalidError("Expiry must be in the future.", path=("input", "expiresAt"))
    if function_ids is not None:
        await _check_restriction(scopes, function_ids)
    prefix, secret = new_secret()
    async with in_transaction():
        key = await ApiKey.create(
            name=name,
            prefix=prefix,
            secret_hash=hash_of(secret),
            scopes=[scope for scope in ApiKeyScope if scope in scopes],
            function_ids=function_ids and [str(id) for id in dict.fromkeys(function_ids)],
            expires_at=expires_at,
        )
        await record([key])
    return key, secret


async def _check_restriction(scopes: Collection[ApiKeyScope], function_ids: Sequence[UUID]) -> None:
    path = ("input", "functionIds")
    if ApiKeyScope.ADMIN in scopes:  # it could create an unrestricted key
        raise InvalidError(
            "A key with the scope ADMIN cannot be restricted to functions.", path=path
        )
    if not function_ids:
        raise RequiredError(
            "At least one function is required. Omit the list for an unrestricted key.", path=path
        )
    if len(function_ids) > MAX_FUNCTIONS:
        raise InvalidError(
            f"A key can be restricted to at most {MAX_FUNCTIONS} functions.", path=path
        )
    there = {row.id for row in await Function.filter(id__in=list(function_ids)).only("id")}
    for index, id in enumerate(function_ids):
        if id not in there:
            raise NotFoundError("Function not found.", path=(*path, str(index)))


async def revoke(id: UUID, *, record: audit.Record = audit.unrecorded) -> ApiKey:
    """Revoke a key; one that is already revoked stays unchanged.

    Raises:
        NotFoundError: The key does not exist.
    """
    async with in_transaction():
        await ApiKey.filter(id=id, revoked_at=None).update(revoked_at=datetime.now(UTC))
        key = await ApiKey.get_or_none(id=id)
        if key is None:
            raise NotFoundError("API key not found.", path=("input", "id"))
        await record([key])
    return key


async def live(scope: ApiKeyScope | None = None) -> list[ApiKey]:
    """Return the valid keys, with a given scope if one is named, oldest first."""
    return [
        key
        for key in await ApiKey.filter(revoked_at=None).order_by("id")
        if is_live(key) and (scope is None or scope in scopes_of(key))
    ]


def public_id(key: ApiKey) -> str:
    """Return the ID of a key as the API shows it."""
    return f"ak_{key.id.hex}"


def by_command_line(action: str) -> audit.Record:
    """Return a recorder of a change to keys made by the command line."""

    async def record(rows: Sequence[Row]) -> None:
        ids = [public_id(row) for row in rows if isinstance(row, ApiKey)]
        await audit.write(COMMAND_LINE, action, ids)

    return audit.Record(record)
