"""Give a function many samples at once, as fast as rows and files can be written.

Usage: python many.py DATA_FOLDER FUNCTION_ID COUNT

Each has a picture of its own: one of forty digits, made distinct by bytes that no decoder reads.
They count as embedded, since a list of them needs no encoder.
"""

import asyncio
import hashlib
import io
import sys
from pathlib import Path
from uuid import UUID

from digits import draw
from PIL import Image
from sklearn.datasets import load_digits

from pigeonhole.services import database
from pigeonhole.tables import Sample
from pigeonhole.services.storage import Kind, open_storage

PICTURES = 40
BATCH = 500


async def main() -> None:
    """Write the pictures and their rows."""
    folder, function_id, count = Path(sys.argv[1]), UUID(sys.argv[2].split("_")[1]), sys.argv[3]
    digits = load_digits().images
    pictures = [encoded(draw(digits[index], index)) for index in range(PICTURES)]
    storage = open_storage((folder / "blobs").as_uri())
    async with database.connected(f"sqlite://{folder / 'pigeonhole.db'}"):
        for start in range(0, int(count), BATCH):
            rows = []
            for index in range(start, min(start + BATCH, int(count))):
                data = pictures[index % PICTURES] + index.to_bytes(8)
                sha256 = hashlib.sha256(data).hexdigest()
                await storage.put(sha256, data)
                await storage.put(sha256, data, Kind.THUMBNAIL)
                rows.append(
                    Sample(
                        function_id=function_id,
                        external_id=f"row {index}",
                        sha256=sha256,
                        media_type="image/webp",
                        width=192,
                        height=192,
                        byte_size=len(data),
                        embedded=True,
                    )
                )
            await Sample.bulk_create(rows)


def encoded(picture: Image.Image) -> bytes:
    """A picture as WebP."""
    file = io.BytesIO()
    picture.save(file, "WEBP")
    return file.getvalue()


if __name__ == "__main__":
    asyncio.run(main())
