"""Keys at the first start: an admin key for the owner of this machine, never for remote callers."""

from pathlib import Path

from pigeonhole.access import keys
from pigeonhole.deployment import data_folder
from pigeonhole.kinds import ApiKeyScope
from pigeonhole.settings import OperatorError

NOBODY = (
    "There is no API key yet, so nobody could use a server on {address}, and it is not started. "
    "Create a key with `pigeonhole keys create admin --scope admin` and start again, or listen on "
    "127.0.0.1, where the first start creates a key."
)


async def ensure_admin_key(data_dir: Path) -> None:
    """Create an admin key and store its secret in the data folder, unless there is one."""
    if await keys.live(ApiKeyScope.ADMIN):
        return
    _, secret = await keys.create(
        name=data_folder.ADMIN_KEY,
        scopes={ApiKeyScope.ADMIN},
        record=keys.by_command_line("createApiKey"),
    )
    data_folder.write_secret(data_dir / data_folder.ADMIN_KEY, secret)


async def require_key(address: str) -> None:
    """Check that a valid key exists for a server that other machines can reach.

    Raises:
        OperatorError: There is none.
    """
    if not await keys.live():
        raise OperatorError(NOBODY.format(address=address))
