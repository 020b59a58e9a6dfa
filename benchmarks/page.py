"""First load of the page, and time from a key press in Annotate to the next photo.

``python -m benchmarks.page``. It drives the real product in a headless Chromium, which must be
installed, by the page's own Playwright.
"""

import shutil
import subprocess
from pathlib import Path

PAGE = Path(__file__).parents[1] / "frontend-stub"


def main() -> None:
    """Measure and print one JSON line, or print what is missing."""
    if shutil.which("chromium") is None:
        print("The page is not measured: there is no chromium.")
        return
    subprocess.run(["npm", "run", "--silent", "measure"], cwd=PAGE, check=True)


if __name__ == "__main__":
    main()
