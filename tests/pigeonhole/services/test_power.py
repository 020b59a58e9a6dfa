"""Acknowledged data is on the disk, by the system calls of a process."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# reports the calls to sync and rename files, in order
SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *what, const char *path) {
  char line[8192];
  int length = snprintf(line, sizeof line, "%s %s\\n", what, path);
  int log = open(getenv("SYNC_LOG"), O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (write(log, line, length) != length) abort();
  close(log);
}

static void synced(int fd) {
  char name[64], path[4096];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(name, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  say("sync", path);
}

int fsync(int fd) {
  synced(fd);
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
  synced(fd);
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}

int rename(const char *from, const char *to) {
  say("rename", to);
  return ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(from, to);
}
"""
WORK = """
import asyncio, hashlib, sys
from pathlib import Path
from pigeonhole.services.database import connected, connection
from pigeonhole.services.storage import open_storage

async def main(folder, log):
    storage = open_storage((folder / "pictures").as_uri())
    await storage.put(hashlib.sha256(b"picture").hexdigest(), b"picture")
    async with connected(f"sqlite://{folder / 'database.sqlite3'}"):
        await connection().execute_query("CREATE TABLE kept (value INTEGER)")
        log.open("a").write("insert\\n")
        await connection().execute_query("INSERT INTO kept VALUES (1)")
        log.open("a").write("acknowledged\\n")

asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
"""


@pytest.fixture
def synced(tmp_path: Path) -> list[str]:
    """The calls of a process that stored one picture and one row."""
    compiler = shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs gcc and Linux")
    source, shim, log = tmp_path / "shim.c", tmp_path / "shim.so", tmp_path / "log"
    source.write_text(SHIM)
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", shim, source, "-ldl"], check=True, timeout=60
    )
    subprocess.run(
        [sys.executable, "-c", WORK, tmp_path, log],
        env={**os.environ, "LD_PRELOAD": str(shim), "SYNC_LOG": str(log)},
        check=True,
        timeout=60,
    )
    return log.read_text().replace(str(tmp_path), "").splitlines()


def test_a_picture_and_its_directory_entry_are_on_the_disk_when_it_is_acknowledged(
    synced: list[str],
) -> None:
    sha256 = hashlib.sha256(b"picture").hexdigest()
    folder = f"/pictures/full/{sha256[:2]}"

    done = [line.partition("#")[0] for line in synced if "/pictures" in line]

    assert done == [
        "sync /pictures",
        "sync /pictures/full",
        f"sync {folder}/{sha256}",
        f"rename {folder}/{sha256}",
        f"sync {folder}",
    ]


def test_a_row_is_on_the_disk_when_it_is_acknowledged(synced: list[str]) -> None:
    between = synced[synced.index("insert") + 1 : synced.index("acknowledged")]

    assert between == ["sync /database.sqlite3-wal"]
