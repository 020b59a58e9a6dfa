"""The limit on open files of this process: every connection is one."""

import resource
from contextlib import suppress

import structlog

WANTED = 65_536
"""Open files that a process asks for, as far as its hard limit allows."""
LEAST = 4_096
"""Fewer than this are told: clients, websockets, the database and images share them."""

log = structlog.stdlib.get_logger(__name__)


def raise_limit() -> int:
    """Raise the soft limit of this process and its children, and warn of a low one; return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(ValueError, OSError):  # macOS has a lower limit than it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
    if 0 <= soft < LEAST:
        log.warning(
            "Few files may be open at once, so further connections are refused. Raise the limit: "
            "`LimitNOFILE=` of systemd, `--ulimit nofile=` of a container, `ulimit -n` of a shell.",
            limit=soft,
        )
    return soft
