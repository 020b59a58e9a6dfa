"""The wheel and the sdist are complete, and an installation of the wheel serves the page."""

import re
import subprocess
import sys
import sysconfig
import tarfile
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from tests.pigeonhole.running import environment, run

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "frontend-stub" / "dist" / "index.html"


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both, built like ``python -m build`` does: the wheel from the sdist."""
    if not PAGE.is_file():
        pytest.skip("the page is not built")
    folder = tmp_path_factory.mktemp("distributions")
    for project in (ROOT, ROOT / "client"):
        subprocess.run(
            [
                sys.executable,
                "-m",
                "build",
                "--no-isolation",
                "--outdir",
                str(folder),
                str(project),
            ],
            check=True,
            capture_output=True,
            timeout=240,
        )
    return folder


@pytest.mark.slow
def test_both_contain_the_page_and_the_licences(distributions: Path) -> None:
    [sdist] = distributions.glob("pigeonhole-0*.tar.gz")
    [wheel] = distributions.glob("pigeonhole-0*.whl")
    with tarfile.open(sdist) as tar:
        within_sdist = {name.partition("/")[2] for name in tar.getnames()}
    with zipfile.ZipFile(wheel) as archive:
        within_wheel = set(archive.namelist())

    assert {"frontend-stub/dist/index.html", "LICENSE", "NOTICE", "THIRD-PARTY.md"} <= within_sdist
    assert "pigeonhole/apps/server/web/page/index.html" in within_wheel
    assert {name.rpartition("/")[2] for name in within_wheel} >= {
        "LICENSE",
        "NOTICE",
        "THIRD-PARTY.md",
    }
    assert {name.partition("/")[0] for name in within_wheel} == {
        "pigeonhole",
        "pigeonhole-0.1.0.dist-info",
    }


@pytest.mark.slow
def test_the_wheel_of_the_client_has_one_package_with_types_and_a_command(
    distributions: Path,
) -> None:
    [wheel] = distributions.glob("pigeonhole_client-0*.whl")
    with zipfile.ZipFile(wheel) as archive:
        within = set(archive.namelist())
        commands = archive.read("pigeonhole_client-0.1.0.dist-info/entry_points.txt").decode()

    assert {"pigeonhole_client/py.typed", "pigeonhole_client/api/client.py"} <= within
    assert {name.partition("/")[0] for name in within} == {
        "pigeonhole_client",
        "pigeonhole_client-0.1.0.dist-info",
    }
    assert "pigeonhole-client = pigeonhole_client.commands.app:app" in commands


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_installation_of_the_wheel_serves_the_page(distributions: Path, tmp_path: Path) -> None:
    wheels = [str(wheel) for wheel in distributions.glob("*.whl")]
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    [site] = (tmp_path / "env" / "lib").glob("python*/site-packages")
    # Its dependencies are those of this environment, without its editable installations.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--quiet",
         "--disable-pip-version-check", *wheels],
        check=True,
        timeout=120,
    )  # fmt: skip

    variables = environment(
        PIGEONHOLE_DATA_DIR=str(tmp_path / "data"), PIGEONHOLE_ENCODER="bundled", PORT="0"
    )
    variables.pop("PYTHONPATH", None)
    command = str(tmp_path / "env" / "bin" / "pigeonhole")
    version = subprocess.run(
        [command, "--version"],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    with run(command, "up", cwd=tmp_path, env=variables) as process:
        url = (
            process.line_with("Pigeonhole is ready: open").split("open ")[1].partition("/login")[0]
        )
        script = re.findall(r"/assets/[^\"]+\.js", PAGE.read_text(encoding="utf-8"))[0]
        with urllib.request.urlopen(url + script, timeout=30) as answer:
            served = answer.read()

    assert version.stdout == "pigeonhole 0.1.0\n"
    assert served == (PAGE.parent / script[1:]).read_bytes()
