"""What the page loads at first, and how soon a key press in Annotate shows the next photo.

``python -m benchmarks.page``. Drives the real product in a headless Chromium, which must be
installed, by the page's own Playwright.
"""

import shutil
import subprocess
from pathlib import Path

PAGE = Path(__file__).parents[1] / "frontend-stub"


def main() -> None:
    """Measure and print one JSON line, or say what is missing."""
    if shutil.which("chromium") is None:
        print("The page is not measured: there is no chromium.")
        return
    subprocess.run(["npm", "run", "--silent", "measure"], cwd=PAGE, check=True)


if __name__ == "__main__":
    main()
