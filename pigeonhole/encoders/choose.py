"""Which encoder ``auto`` is: CLIP where its weights can be had, else the bundled one."""

import logging
import urllib.error
import urllib.request
from threading import Thread

BUNDLED = "bundled"
DEFAULT = "ViT-B-32/datacomp_xl_s13b_b90k"

logger = logging.getLogger(__name__)


def choose(spec: str, *, fetch_timeout_s: float) -> str:
    """Resolve ``auto`` to a spec that ``load`` takes; give any other spec back as it is.

    ``auto`` is CLIP if its weights are on this machine, or if the model hub answers within
    ``fetch_timeout_s`` seconds and then serves them. Else it is the bundled encoder.
    """
    if spec != "auto":
        return spec
    from pigeonhole.encoders import weights

    model, _, tag = DEFAULT.partition("/")
    if weights.cached(model, tag) is not None:
        return DEFAULT
    url = weights.probe_url(model, tag)
    if url is None or not answers(url, timeout_s=fetch_timeout_s):
        logger.warning("The model hub did not answer; the bundled encoder stands in for CLIP.")
        return BUNDLED
    try:
        weights.fetch(model, tag)
    except OSError as error:
        logger.warning("CLIP could not be fetched, the bundled encoder stands in: %s", error)
        return BUNDLED
    return DEFAULT


def answers(url: str, *, timeout_s: float) -> bool:
    """Whether a server answers for this URL in time, whatever slows it down.

    A socket's timeout bounds neither the look-up of the name nor the sum of the reads, so the
    request runs in a thread of its own, which is left behind when the time is up.
    """
    found: list[bool] = []
    thread = Thread(target=lambda: found.append(_head(url, timeout_s)), daemon=True)
    thread.start()
    thread.join(timeout_s)
    return found == [True]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _head(url: str, timeout_s: float) -> bool:
    request = urllib.request.Request(url, method="HEAD")
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=timeout_s):
            return True
    except urllib.error.HTTPError as error:
        return 300 <= error.code < 400  # a hub sends on to where it keeps its files
    except OSError:
        return False
