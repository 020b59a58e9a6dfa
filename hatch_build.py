"""Refuse to build a wheel or an sdist without the page; hatchling runs this, see pyproject.toml."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageIsBuilt(BuildHookInterface[Any]):
    """Check that the page is there. An editable install serves it from where it is built later."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raise if the page is missing.

        Raises:
            FileNotFoundError: The page is not built.
        """
        page = Path(self.root) / "frontend-stub" / "dist" / "index.html"
        if version != "editable" and not page.is_file():
            raise FileNotFoundError(f"{page} is missing. Run `make page` first.")
