"""A power cut at any moment: everything that was not synced is lost, and the rest is opened."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pigeonhole.running import WITHIN_S

# keeps what a disk would have: the content of files and the names in folders at their last sync
SHIM = r"""
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void keep(int fd) {
  char path[64], new[4096], kept[4096], bytes[65536];
  struct stat is;
  if (fstat(fd, &is)) abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  snprintf(kept, sizeof kept, "%s/%lu", getenv("KEPT"), (unsigned long)is.st_ino);
  snprintf(new, sizeof new, "%s.%d.%d", kept, getpid(), gettid());
  int out = open(new, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (S_ISDIR(is.st_mode)) {
    DIR *folder = opendir(path);
    for (struct dirent *each; (each = readdir(folder));)
      dprintf(out, "%lu %d %s\n", (unsigned long)each->d_ino, each->d_type == DT_DIR, each->d_name);
    closedir(folder);
  } else {
    int in = open(path, O_RDONLY);
    for (ssize_t n; (n = read(in, bytes, sizeof bytes)) > 0;)
      if (write(out, bytes, n) != n) abort();
    close(in);
  }
  close(out);
  if (rename(new, kept)) abort();
}

int fsync(int fd) {
  keep(fd);
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
  keep(fd);
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
"""
WRITING = """
import asyncio, hashlib, sys
from pathlib import Path
from pigeonhole.services.database import connected, connection
from pigeonhole.services.storage import open_storage

async def main(folder):
    storage = open_storage((folder / "new" / "pictures").as_uri())
    async with connected(f"sqlite://{folder / 'database.sqlite3'}"):
        await connection().execute_query("CREATE TABLE kept (value INTEGER)")
        for number in range(1_000_000):
            data = str(number).encode() * 5_000
            await storage.put(hashlib.sha256(data).hexdigest(), data)
            await connection().execute_query("INSERT INTO kept VALUES (?)", [number])
            print(number, flush=True)  # acknowledged

asyncio.run(main(Path(sys.argv[1])))
"""


def left(kept: Path, inode: int, target: Path) -> None:
    """Write what the disk has of a folder, which is everything that was synced."""
    target.mkdir()
    listed = kept / str(inode)
    for line in listed.read_text().splitlines() if listed.exists() else ():
        number, is_folder, name = line.split(" ", 2)
        if name in (".", ".."):
            continue
        if is_folder == "1":
            left(kept, int(number), target / name)
        elif (kept / number).exists():
            shutil.copyfile(kept / number, target / name)
        else:
            (target / name).touch()


@pytest.mark.parametrize("count", [1, 2, 17, 60])
def test_a_power_cut_loses_nothing_that_was_acknowledged(tmp_path: Path, count: int) -> None:
    compiler = shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs gcc and Linux")
    source, shim, kept, data = (tmp_path / name for name in ("shim.c", "shim.so", "kept", "data"))
    source.write_text(SHIM)
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", shim, source, "-ldl"], check=True, timeout=WITHIN_S
    )
    kept.mkdir()
    data.mkdir()
    writing = subprocess.Popen(
        [sys.executable, "-c", WRITING, data],
        env={**os.environ, "LD_PRELOAD": str(shim), "KEPT": str(kept)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writing.stdout is not None

    acknowledged = [int(writing.stdout.readline()) for _ in range(count)]
    writing.kill()
    acknowledged += [int(line) for line in writing.stdout.read().splitlines()]
    writing.wait(WITHIN_S)
    writing.stdout.close()
    left(kept, data.stat().st_ino, tmp_path / "left")

    database = sqlite3.connect(tmp_path / "left" / "database.sqlite3")
    rows = [number for (number,) in database.execute("SELECT value FROM kept ORDER BY value")]
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    assert rows[: len(acknowledged)] == acknowledged
    for number in rows:
        picture = str(number).encode() * 5_000
        name = hashlib.sha256(picture).hexdigest()
        stored = tmp_path / "left" / "new" / "pictures" / "full" / name[:2] / name
        assert stored.read_bytes() == picture
