"""Images a second by plain workers, by `pigeonhole embed`, and by an encoder service.

``unshare -rn sh -c 'ip link set lo up && python -m benchmarks.bucket [IMAGES]'``, with Ray, which
listens on all interfaces without authentication and therefore gets a network of its own.
"""

import asyncio
import io
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from benchmarks.embedding import processor
from pigeonhole import encoders, functions
from pigeonhole.cluster.connection import connected
from pigeonhole.encoders.remote import Service
from pigeonhole.samples import uploads
from pigeonhole.services import database
from pigeonhole.services.services import open_services
from pigeonhole.settings import Settings
from pigeonhole.tables import Sample
from tests import backends
from tests.pigeonhole.photos import photo
from tests.pigeonhole.running import PIGEONHOLE, environment, run

UPLOADED_AT_ONCE = 20
"""Images of one request to add samples."""
PORT, BATCHES, SENDERS = 8001, 12, 2
CORES = os.cpu_count() or 1


def main() -> None:
    """Print all figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    print(f"{processor()}, a load of {os.getloadavg()[0]:.0f} by other work")
    with tempfile.TemporaryDirectory() as name, backends.embedded_valkey(Path(name)) as redis_url:
        folder = Path(name) / "photos"
        folder.mkdir()
        for seed in range(count):
            (folder / f"{seed}.jpg").write_bytes(jpeg(seed))
        given = {
            "data_dir": f"{name}/data",
            "database_url": f"sqlite://{name}/pigeonhole.db",
            "storage_url": f"file://{name}/stored",
            "redis_url": redis_url,
            "encoder": encoders.BUNDLED,
        }
        asyncio.run(database.migrate(given["database_url"]))
        files = sorted(folder.iterdir())
        env = environment(**{f"PIGEONHOLE_{key.upper()}": value for key, value in given.items()})
        asyncio.run(by_workers(Settings(**given), files, env))  # type: ignore[arg-type]
        by_ray(folder, env, count)


def jpeg(seed: int) -> bytes:
    """Return a photo of 1600 x 1200 pixels that no other seed has."""
    noise = np.random.default_rng(seed).integers(0, 12, (427, 640, 3), np.uint8)
    pixels = np.asarray(photo("china.jpg" if seed % 2 else "flower.jpg")) // 2 + noise
    file = io.BytesIO()
    Image.fromarray(pixels).resize((1600, 1200)).save(file, "JPEG", quality=85)
    return file.getvalue()


async def by_workers(settings: Settings, files: list[Path], env: dict[str, str]) -> None:
    """Upload all images here, as a server does, while a worker embeds them."""
    async with open_services(settings) as services:
        function = await functions.create(services, name="Workers")
        await functions.create(services, name="Ray")
        with run(*PIGEONHOLE, "work", env=env) as worker:
            await asyncio.sleep(30)  # until it has loaded the encoder
            began = time.monotonic()
            for at in range(0, len(files), UPLOADED_AT_ONCE):
                some = [
                    uploads.NewSample(file.read_bytes(), ("input",))
                    for file in files[at : at + UPLOADED_AT_ONCE]
                ]
                await uploads.add(services, function.id, some)
            uploaded_s = time.monotonic() - began
            waiting = Sample.filter(function_id=function.id, embedded=False)
            while await waiting.exists():  # noqa: ASYNC110 - another process embeds them
                await asyncio.sleep(0.1)
            rate = len(files) / (time.monotonic() - began)
            mb = psutil.Process(worker.pid).memory_info().rss / 1e6
        print(f"upload: {len(files) / uploaded_s:.1f} a second")
        print(f"upload and one worker: {rate:.1f} a second; the worker holds {mb:.0f} MB")
        for sample in await Sample.all():  # so that Ray has to store and embed all of them
            await services.storage.delete(sample.sha256)
        await database.connection().execute_script("DELETE FROM sample; DELETE FROM embedding;")


def by_ray(folder: Path, env: dict[str, str], count: int) -> None:
    """Embed all images on a cluster of this machine, then batches by an encoder service on it."""
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 2 * CORES, "include_dashboard": False, "node_ip_address": "127.0.0.1"}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        words = [*PIGEONHOLE, "embed", "Ray", str(folder), "--ray", cluster.address]
        began = time.monotonic()
        subprocess.run([*words, "--readers", "2", "--embedders", str(CORES)], env=env, check=True)
        took_s = time.monotonic() - began
        print(f"embed: {count / took_s:.1f} a second in {took_s:.0f} s, its start included")
        with connected(cluster.address):
            by_service()
    finally:
        cluster.shutdown()


def by_service() -> None:
    """Print images a second of a replica with all cores, and of the encoder in this process."""
    from pigeonhole.cluster import serving

    scale = serving.Scale(cpus=CORES)
    serving.deploy(
        encoders.BUNDLED,
        encoders.Precision.AUTO,
        secret="",
        scale=scale,
        host="127.0.0.1",
        port=PORT,
    )
    service = Service(f"http://127.0.0.1:{PORT}", "", timeout_s=120)
    far, near = service.load(encoders.BUNDLED), encoders.load(encoders.BUNDLED)
    for name, encoder in (("a service", far), ("in the process", near)):
        image = Image.open(io.BytesIO(jpeg(0))).resize((320, 240))
        batch = np.stack([encoder.preprocess(image)] * 32)
        encoder.embed(batch)

        def send(encoder: encoders.Encoder = encoder, batch: encoders.Floats = batch) -> None:
            for _ in range(BATCHES):
                encoder.embed(batch)

        threads = [threading.Thread(target=send) for _ in range(SENDERS)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = SENDERS * BATCHES * 32 / (time.monotonic() - began)
        print(f"{name}: {rate:.0f} images a second in batches of 32")
    for process in psutil.process_iter(["name", "cmdline", "memory_info"]):
        if "ServeReplica" in " ".join(process.info["cmdline"] or ()):
            print(f"a replica holds {process.info['memory_info'].rss / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
