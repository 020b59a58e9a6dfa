"""The commands of the README work as printed."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import make
from tests.pigeonhole.running import bounded
from tests.product import Product, running

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """Return the only code block of a language in the README."""
    [found] = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return str(found)


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Product]:
    pictures, names = make.digits()
    for index, (picture, name) in enumerate(zip(pictures[:40], names[:40], strict=True)):
        path = tmp_path / "photos" / name / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
    (tmp_path / "new.jpg").write_bytes(pictures[50])
    async with running(tmp_path / "data") as started:
        yield started


async def output(folder: Path, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *words, cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await bounded(process.communicate())
    assert process.returncode == 0
    return said.decode()


async def test_the_readme_works_as_printed(product: Product, tmp_path: Path) -> None:
    shell = block("bash").replace("http://127.0.0.1:8000", product.url)
    script = block("python").replace("http://127.0.0.1:8000", product.url)

    by_curl = await output(tmp_path, "bash", "-c", shell)
    by_python = await output(tmp_path, sys.executable, "-c", script)

    assert re.search(r'"state": ?"SUCCEEDED", ?"sampleCount": ?40\b', by_curl)
    assert re.search(r'"accuracy": ?\{"value": ?[01]\.\d+', by_curl)
    assert re.search(r'"label": ?"\d"', by_curl)
    assert re.search(r"^accuracy \d+% \(\d+% to \d+%\)$", by_python, re.MULTILINE)
    assert re.search(r"^\d [01]\.\d+ (ACCEPT|REVIEW|NONE_OF_THESE)$", by_python, re.MULTILINE)
