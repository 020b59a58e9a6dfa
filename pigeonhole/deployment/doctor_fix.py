"""The doctor's own repairs: it corrects file modes and applies pending migrations only."""

from pathlib import Path

from pigeonhole.deployment import data_folder
from pigeonhole.deployment.doctor import State, check_database
from pigeonhole.deployment.vanishing import has_lost_its_database
from pigeonhole.settings import Settings


async def mend(settings: Settings) -> list[str]:
    """Make the repairs that are safe; return a sentence for each change."""
    folder = settings.resolved_data_dir
    done = [
        _private(path, mode)
        for path, mode in ((folder, 0o700), (folder / data_folder.ADMIN_KEY, 0o600))
        if path.exists() and path.stat().st_mode & 0o077
    ]
    there = settings.database_url != "" or (folder / "pigeonhole.db").exists()
    if there and not has_lost_its_database(settings):
        check = await check_database(settings)
        if check.state is State.WARNING:
            from pigeonhole.services import database

            applied = await database.migrate(settings.resolved_database_url)
            done += [f"Applied the migration {name}." for name in applied]
    return done


def _private(path: Path, mode: int) -> str:
    path.chmod(mode)
    return f"Made {path} private (mode {mode:o})."
