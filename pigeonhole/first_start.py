"""The keys of a first start: one for this machine's owner, and none to be had from afar."""

from pathlib import Path

from pigeonhole import audit, folder, keys
from pigeonhole.models import ApiKeyScope
from pigeonhole.settings import OperatorError

NOBODY = (
    "No API key is there, so nobody could use what listens on {address}, and it is not started. "
    "Make a key with `pigeonhole keys create admin --scope admin`, then start again; or listen on "
    "127.0.0.1, where the first start makes one by itself."
)


async def ensure_admin_key(data_dir: Path) -> None:
    """Make an admin key and keep its secret in the data folder, unless an admin key is there."""
    if await keys.live(ApiKeyScope.ADMIN):
        return
    key, secret = await keys.create(name=folder.ADMIN_KEY, scopes={ApiKeyScope.ADMIN})
    folder.write_secret(data_dir / folder.ADMIN_KEY, secret)
    await audit.record_command("createApiKey", [keys.public_id(key)])


async def require_key(address: str) -> None:
    """See whether somebody could use a server that others reach.

    Raises:
        OperatorError: Nobody could.
    """
    if not await keys.live():
        raise OperatorError(NOBODY.format(address=address))
