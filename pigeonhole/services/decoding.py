"""Pictures decoded beside the event loop, as many at once as the memory of the process allows."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pigeonhole import images
from pigeonhole.images import Picture
from pigeonhole.settings import Settings

T = TypeVar("T")


class Decoding:
    """Threads of their own, so that pictures that wait for memory never hold up an embedding.

    The pixels that are decoded or in use are at most those of one picture of the largest size.
    """

    def __init__(self, settings: Settings) -> None:
        self.gate = images.PixelGate(settings.max_image_pixels)
        self._settings = settings
        self._threads = ThreadPoolExecutor(os.cpu_count(), "decoding")

    async def decode(
        self, data: bytes, use: Callable[[Picture], T], *, at_least: int | None = None
    ) -> T:
        """Decode a picture and return what ``use`` makes of it, in the same thread.

        The pixels are counted until ``use`` returns, so its result must not hold them.

        Raises:
            ImageTooLargeError, UnreadableImageError, MemoryError: As `images.decoded` does.
        """

        def work() -> T:
            with images.decoded(
                data,
                max_bytes=self._settings.max_image_bytes,
                max_pixels=self._settings.max_image_pixels,
                at_least=at_least,
                gate=self.gate,
            ) as picture:
                return use(picture)

        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Let the threads end; what has not begun is given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)
