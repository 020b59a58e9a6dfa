"""The doctor's checks of the server: its port, its page and its registered documents."""

from collections.abc import Callable
from typing import Any

from pigeonhole.deployment import data_folder
from pigeonhole.deployment.doctor import Check, State
from pigeonhole.settings import OperatorError, Settings


async def check_server(settings: Settings) -> Check:
    """Check the port, the page and the file of registered documents."""
    from pigeonhole.deployment import listening

    try:
        listening.load("server.api.registered:registered")(settings.registered_documents)
    except OperatorError as error:
        return Check("server", State.PROBLEM, str(error), "Correct the file or its path.")
    if (taken := await _taken(settings)) is not None:
        return Check("server", State.PROBLEM, *taken)
    built: Callable[[], Any] = listening.load("server.web.page:built")
    if built() is None:
        return Check(
            "server",
            State.WARNING,
            "The page is not built; the API works without it.",
            "Run `make page` in a checkout, or install the package again.",
        )
    return Check("server", State.OK, f"Port {settings.port} on {settings.host}; the page is built.")


async def _taken(settings: Settings) -> tuple[str, str] | None:
    """Return the problem with the port and its remedy; None if it is free or Pigeonhole's own."""
    from pigeonhole.deployment import listening
    from pigeonhole.deployment.own_server import ask

    try:
        listening.listen(settings.host, settings.port).close()
    except OperatorError as error:
        found, _, fix = str(error).partition(". ")
        who = data_folder.holder(settings.resolved_data_dir)
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
        url = f"http://[{host}]" if ":" in host else f"http://{host}"
        status, body = await ask(f"{url}:{settings.port}", "/healthz")
        if (who and who.url) or (status and '"status"' in body):
            return None
        return f"{found}.", fix or "Correct PIGEONHOLE_HOST or PIGEONHOLE_PORT."
    return None
