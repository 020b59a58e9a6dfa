"""Container image, Compose and Kubernetes files: they are linted, and their commands run in order.

No container engine is needed: the commands run as another user in their own mount namespace, with a
read-only root, one writable folder and a temporary one, as in the image.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import typer
import yaml
from compose_spec import PyCompose

from pigeonhole.deployment.cli import app
from pigeonhole.services import metrics
from pigeonhole.settings import Settings, variable
from tests import make
from tests.faults.backing import free_port
from tests.pigeonhole.running import WITHIN_S, eventually, run
from tests.test_docs import OPERATIONS, commands

ROOT = Path(__file__).parents[1]
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yml").read_text())
MANIFESTS = [
    manifest
    for path in sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
    for manifest in yaml.safe_load_all(path.read_text())
]
USER = 10001


def name_of(manifest: dict[str, Any]) -> str:
    return f"{manifest['kind']}-{manifest['metadata']['name']}"


DATA, PYTHON, TREE = "/srv", "/media", "/home"
"""Folders that every Linux has, on which the volume, Python and the packages are mounted."""
CONFINE = f"""
mount --bind "$1" {DATA} && mount --bind "$2" {PYTHON} && mount --bind "$3" {TREE} &&
mount -t tmpfs -o mode=1777 tmpfs /tmp && mount -o remount,bind,ro / && shift 3 &&
exec setpriv --reuid {USER} --regid {USER} --clear-groups --no-new-privs "$@"
"""


def image_environment() -> dict[str, str]:
    """Return the variables that the image sets, with the path of the tests' volume."""
    [block] = re.findall(r"^ENV ((?:.*\\\n)*.*)", CONTAINERFILE, re.M)
    words = shlex.split(block.replace("\\\n", " "))
    found = dict(word.split("=", 1) for word in words)
    del found["PATH"]
    return {name: value.replace("/data", DATA) for name, value in found.items()}


def documented_commands() -> list[list[str]]:
    """Return the commands that the guide runs in the image, in order."""
    section = OPERATIONS.split("\n### Containers\n")[1].split("\n### ")[0]
    lines = re.findall(r"^\$ podman run .* pigeonhole (.*)$", section, re.M)
    return [shlex.split(line) for line in lines]


@pytest.fixture
def confined(tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """Return the beginning of a command that runs Pigeonhole as the image does."""
    needed = ("unshare", "setpriv", "mount")
    if sys.platform != "linux" or os.getuid() != 0 or not all(map(shutil.which, needed)):
        pytest.skip("only root on Linux can mount a read-only root")
    mounting = subprocess.run(["unshare", "--mount", "true"], check=False, timeout=WITHIN_S)
    if mounting.returncode != 0:
        pytest.skip("this machine allows no mount namespaces")
    packages = sysconfig.get_path("purelib")
    for folder in (DATA, PYTHON, TREE, "/tmp"):
        if any(Path(used).is_relative_to(folder) for used in (packages, ROOT)):
            pytest.skip(f"this checkout lies below {folder}, where the test mounts something else")
    data = tmp_path / "volume"
    data.mkdir(mode=0o700)
    os.chown(data, USER, USER)
    environment = {
        **image_environment(),
        "PATH": "/usr/bin:/bin",
        "LD_LIBRARY_PATH": f"{PYTHON}/lib",
        "PYTHONPATH": os.pathsep.join((TREE, f"{TREE}/client", packages)),
        "PIGEONHOLE_ENCODER": "bundled",
        "PIGEONHOLE_PORT": str(free_port()),
    }
    python = f"{PYTHON}/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    yield (
        *("unshare", "--mount", "--propagation", "private", "sh", "-c", CONFINE, "sh"),
        *(str(data), sys.base_prefix, str(ROOT)),
        *("env", "-i", *(f"{name}={value}" for name, value in environment.items())),
        *(python, "-P", "-m", "pigeonhole"),
    )
    with suppress(FileNotFoundError):
        shutil.rmtree(data)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_documented_commands_run_as_another_user_with_a_read_only_root(
    confined: tuple[str, ...],
) -> None:
    [port] = [word.partition("=")[2] for word in confined if word.startswith("PIGEONHOLE_PORT=")]
    migrate, create_key, up = documented_commands()

    migrated = done(confined, migrate)
    created = done(confined, create_key)
    assert (migrated.returncode, created.returncode) == (0, 0), migrated.stderr + created.stderr
    [secret] = re.findall(r"ph_\w+", created.stdout)[-1:]
    with run(*confined, *up, env={"PATH": os.environ["PATH"]}) as process:
        process.line_with("Pigeonhole is ready: open")
        answer = classified(port, secret)

    assert re.search(r'"label": ?"(cat|dog)"', answer)


def done(confined: tuple[str, ...], words: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*confined, *words], capture_output=True, text=True, timeout=120, check=False
    )


def classified(port: str, secret: str) -> str:
    """Create a function with two labels, and classify an image."""
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    query = (
        b'{"query": "mutation { createFunction(input: { name: \\"Pets\\", labels: '
        b'[\\"cat\\", \\"dog\\"] }) { function { id } } }"}'
    )

    def post(path: str, body: bytes, media_type: str) -> str:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}", body, {**headers, "Content-Type": media_type}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text: str = answer.read().decode()
        return text

    [function] = re.findall(r"fn_\w+", post("/graphql", query, "application/json"))

    def answer() -> str:
        with suppress(urllib.error.HTTPError):  # 409 until a worker has trained on the names
            return post(f"/v1/functions/{function}/invoke", make.picture(1), "image/png")
        return ""

    return eventually(answer)


@pytest.mark.slow
def test_a_missing_folder_for_temporary_files_is_reported_in_a_sentence(
    confined: tuple[str, ...],
) -> None:
    words = [word.replace("mount -t tmpfs -o mode=1777 tmpfs /tmp &&", "") for word in confined]
    words = [word.replace(f'mount --bind "$1" {DATA} &&', "") for word in words]

    ended = done(tuple(words), ["serve"])

    assert (ended.returncode, ended.stderr) == (
        1,
        "error: No folder for temporary files can be written. Mount one at /tmp, or set TMPDIR to "
        "one.\n",
    )


def test_the_linter_finds_nothing_in_the_containerfile() -> None:
    linter = Path(sysconfig.get_path("scripts")) / "hadolint"

    ended = subprocess.run(
        [linter, ROOT / "Containerfile"],
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )

    assert (ended.returncode, ended.stdout) == (0, "")


def test_the_image_runs_as_its_own_user_and_stores_everything_in_its_volume() -> None:
    environment = image_environment()

    assert re.findall(r"^USER (.*)$", CONTAINERFILE, re.M) == [f"{USER}:{USER}"]
    assert environment["HOME"] == environment["PIGEONHOLE_DATA_DIR"] == DATA
    assert re.findall(r"^VOLUME (.*)$", CONTAINERFILE, re.M) == ["/data"]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=name_of)
def test_every_manifest_is_valid_for_kubernetes(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, "1.30", strict=True)


def test_compose_accepts_its_file() -> None:
    compose = PyCompose.from_json(json.dumps(COMPOSE))

    compose.validate()
    assert {"migrate", "server-1", "server-2", "trainer", "embedder"} < set(compose.service_names())


def test_every_container_is_confined_and_has_existing_settings_and_commands() -> None:
    known = {words.partition(" ")[2] for words, _ in commands(typer.main.get_command(app), "x")}
    names = {variable(name) for name in Settings.model_fields}
    given, told = [], set()
    for service in COMPOSE["services"].values():
        if service["image"] == "pigeonhole":
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
            assert (service["tmpfs"], service["volumes"]) == (["/tmp"], ["data:/data"])
            given.append(service["command"][0])
            told |= set(service["environment"])
    for pod in (each["spec"]["template"]["spec"] for each in MANIFESTS if is_run(each)):
        [container] = pod["containers"]
        confined = container["securityContext"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert (confined["readOnlyRootFilesystem"], confined["allowPrivilegeEscalation"]) == (
            True,
            False,
        )
        assert [each["mountPath"] for each in container["volumeMounts"]] == ["/data", "/tmp"]
        given.append(container["args"][0])
    for manifest in MANIFESTS:
        told |= {*manifest.get("data", ()), *manifest.get("stringData", ())}

    assert set(given) == {"migrate", "serve", "work"} <= known
    assert {name for name in told if name.startswith("PIGEONHOLE_")} <= names


def test_the_numbers_of_workers_follow_metrics_that_servers_export() -> None:
    followed = {
        metric["external"]["metric"]["name"]
        for manifest in MANIFESTS
        if manifest["kind"] == "HorizontalPodAutoscaler"
        for metric in manifest["spec"]["metrics"]
        if metric["type"] == "External"
    }

    assert followed == {metrics.OWED._name, metrics.SAMPLES_NOT_EMBEDDED._name}


def is_run(manifest: dict[str, Any]) -> bool:
    return manifest["kind"] in ("Deployment", "Job")
