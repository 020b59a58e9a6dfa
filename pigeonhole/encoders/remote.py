"""Encoders of a service: images are resized and cropped here, and embedded there."""

import json
import time
from collections.abc import Iterator, Sequence

import httpx
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import ValidationError

from pigeonhole.encoders.known import BUNDLED, DEFAULT
from pigeonhole.encoders.preprocessing import Floats, Preprocessing, squared, transformed
from pigeonhole.encoders.wire import (
    IDENTITY,
    MOST_AT_ONCE,
    Description,
    packed,
    route,
    unpacked,
)
from pigeonhole.errors import EncoderAwayError

CONNECT_S = 3.0
"""Seconds to connect; an answer may take all that is left of the time."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 1.0
"""Seconds before the second attempt, and the longest wait between two."""
CONCURRENT = 4
"""Batches of single images that a process has under way; the service joins them."""
UNKNOWN, OTHER = 404, 409
"""Statuses of a service without the encoder, and of a replica with another than the expected one.

Both can pass: while a service starts, and while its replicas are replaced.
"""


class AwayError(EncoderAwayError):
    """See ``EncoderAwayError``, which can be caught without loading numpy."""


class ChangedError(AwayError):
    """The service now computes vectors that cannot be compared with those before."""


class RefusedError(AwayError):
    """The service refuses, and would refuse again until its operator changes something."""


class UnknownError(AwayError):
    """The service has no such encoder, or has none yet."""


class Service:
    """A service with encoders, started by `pigeonhole encoder serve`."""

    def __init__(self, url: str, secret: str, *, timeout_s: float) -> None:
        """Create a client, which connects at its first request.

        Args:
            url: URL of the service.
            secret: The secret that the service requires; empty if none.
            timeout_s: Seconds that a call may take, with all attempts and waits.
        """
        self.url, self.timeout_s = url.rstrip("/"), timeout_s
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        limits = httpx.Limits(max_connections=None)
        self._client = httpx.Client(headers=headers, limits=limits)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def load(self, spec: str) -> "RemoteEncoder":
        """Return an encoder of the service; only its description is loaded.

        Raises:
            AwayError: The service does not answer, or has no such encoder.
        """
        answer = self.ask("GET", route(spec))
        try:
            about = Description.model_validate_json(answer.content)
        except ValidationError:
            raise AwayError(f"{self.url} is not an encoder service of this release.") from None
        if about.spec != spec:
            raise AwayError(f"{self.url}{route(spec)} has the encoder {about.spec}, not {spec}.")
        return RemoteEncoder(self, about)

    def has(self, spec: str) -> bool:
        """Return whether the service has an encoder.

        Raises:
            AwayError: It does not answer.
        """
        try:
            self._once("GET", route(spec), b"", None, time.monotonic() + self.timeout_s)
        except UnknownError:
            return False
        return True

    def choose(self) -> str:
        """Return the encoder that ``auto`` stands for: CLIP if the service has it.

        Raises:
            AwayError: The service does not answer, or has neither CLIP nor the bundled encoder.
        """
        for spec in (DEFAULT, BUNDLED):
            if self.has(spec):
                return spec
        raise AwayError(
            f"{self.url} has neither {DEFAULT} nor {BUNDLED}. Set PIGEONHOLE_ENCODER to an encoder "
            "that it has."
        )

    def ask(
        self, method: str, path: str, body: bytes = b"", *, expected: str | None = None
    ) -> httpx.Response:
        """Return an answer of the expected encoder; attempts are repeated, with growing waits.

        Raises:
            ChangedError: Only another encoder answers.
            AwayError: There is no answer in time, or only a refusal.
        """
        deadline, wait_s = time.monotonic() + self.timeout_s, FIRST_WAIT_S
        while True:
            try:
                return self._once(method, path, body, expected, deadline)
            except AwayError as error:
                passes = not isinstance(error, RefusedError)
                if not passes or time.monotonic() + wait_s >= deadline:
                    raise
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    def _once(
        self, method: str, path: str, body: bytes, expected: str | None, deadline: float
    ) -> httpx.Response:
        left_s = max(deadline - time.monotonic(), FIRST_WAIT_S)
        try:
            answer = self._client.request(
                method,
                f"{self.url}{path}",
                content=body,
                headers={} if expected is None else {IDENTITY: expected},
                timeout=httpx.Timeout(left_s, connect=min(CONNECT_S, left_s)),
            )
        except httpx.HTTPError as error:
            said = str(error) or type(error).__name__
            raise AwayError(f"{self.url} does not answer: {said}") from error
        status, given = answer.status_code, answer.headers.get(IDENTITY)
        if status == OTHER or (status == 200 and expected not in (None, given)):
            raise ChangedError(f"{self.url} has the encoder {given}, not {expected}.")
        if status == 200:
            return answer
        if status == UNKNOWN:
            raise UnknownError(f"{self.url} has no such encoder: nothing answers at {path}.")
        if status in (401, 403):
            raise RefusedError(
                f"{self.url} refuses the secret. Set PIGEONHOLE_ENCODER_SECRET to the one that the "
                "service was started with."
            )
        said = f"{self.url}{path} answers with status {status}: {answer.text[:200]}"
        raise RefusedError(said) if status < 500 else AwayError(said)


class RemoteEncoder:
    """An encoder of a service; see ``Encoder``.

    Attributes:
        changed: Whether the service has another encoder since, so that this one is of no use.
    """

    def __init__(self, service: Service, about: Description) -> None:
        """Take the service's description of the encoder for true."""
        self._service, self._route = service, route(about.spec)
        self.identity, self.name, self.dimension = about.identity, about.name, about.dimension
        self.image_size, self.warning, self.seen = about.image_size, about.warning, about.seen
        self.near_duplicate, self.digest = about.near_duplicate, about.digest
        self.runtime, self.batch, self.lanes = (
            f"{about.runtime} at {service.url}",
            about.batch,
            CONCURRENT,
        )
        self.steps: Preprocessing = about.steps
        self.changed = False

    def preprocess(self, rgb: Image.Image) -> Floats:
        """Return an image resized and cropped, ``(3, h, w)``, in whole numbers from 0 to 255."""
        return transformed(rgb, lambda image: squared(image, self.steps).astype(np.float32))

    def normalise(self, squares: NDArray[np.uint8]) -> Floats:
        """See ``Encoder``; the service normalises."""
        return squares.astype(np.float32)

    def embed(self, pixels: Floats) -> Floats:
        """See ``Encoder``.

        Raises:
            AwayError: The service does not answer in time, or with vectors of another encoder.
        """
        parts = range(0, len(pixels), MOST_AT_ONCE)
        return self._joined(
            self._vectors("images", packed(part.astype(np.uint8)), len(part))
            for part in (pixels[at : at + MOST_AT_ONCE] for at in parts)
        )

    def embed_texts(
        self, names: Sequence[str], descriptions: Sequence[str | None] | None = None
    ) -> Floats:
        """See ``Encoder``, and ``embed`` for what is raised."""
        texts = list(zip(names, descriptions or [None] * len(names), strict=True))
        parts = range(0, len(texts), MOST_AT_ONCE)
        return self._joined(
            self._vectors("texts", json.dumps(part).encode(), len(part))
            for part in (texts[at : at + MOST_AT_ONCE] for at in parts)
        )

    def _vectors(self, kind: str, body: bytes, count: int) -> Floats:
        path = f"{self._route}/{kind}"
        try:
            answer = self._service.ask("POST", path, body, expected=self.identity)
        except ChangedError:
            self.changed = True
            raise
        try:
            found = unpacked(answer.content)
        except ValueError as error:
            raise AwayError(f"{self._service.url}{path}: {error}") from error
        if found.shape != (count, self.dimension) or found.dtype != np.float32:
            raise AwayError(f"{self._service.url}{path} answers {found.dtype} {found.shape}.")
        return found

    def _joined(self, parts: Iterator[Floats]) -> Floats:
        return np.concatenate([np.empty((0, self.dimension), np.float32), *parts])
