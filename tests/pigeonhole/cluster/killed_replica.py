"""Serve an encoder from two nodes, ask it all the time, and remove one of the nodes."""

import json
import subprocess
import threading

import numpy as np

from pigeonhole import encoders
from pigeonhole.cluster.connection import connected
from pigeonhole.encoders.remote import Service
from tests.pigeonhole.cluster.two_nodes import two_nodes
from tests.pigeonhole.photos import crops
from tests.pigeonhole.running import PIGEONHOLE, WITHIN_S, environment, eventually

PORT = 8001
BEFORE, AFTER = 5, 20
"""Requests of each client before and after a node is removed."""
CLIENTS = 3


def main() -> None:
    """Print how many requests were answered, and how many of them correctly, as JSON."""
    near = encoders.load(encoders.BUNDLED)
    with two_nodes() as (cluster, removed), connected(cluster.address):
        from ray import serve

        words = ["--port", str(PORT), "--min-replicas", "2", "--max-replicas", "2"]
        subprocess.run(
            [*PIGEONHOLE, "encoder", "serve", encoders.BUNDLED, "--ray", cluster.address, *words],
            env=environment(PIGEONHOLE_ENCODER_SECRET="s"),
            check=True,
            timeout=2 * WITHIN_S,
        )
        eventually(lambda: running(serve) == 2)
        service = Service(f"http://127.0.0.1:{PORT}", "s", timeout_s=120)
        far = service.load(encoders.BUNDLED)
        pixels = np.stack([far.preprocess(crop) for crop in crops("china.jpg")])
        ready, found = threading.Barrier(CLIENTS + 1), []

        def ask() -> None:
            for place in range(BEFORE + AFTER):
                if place == BEFORE:
                    ready.wait(WITHIN_S)
                found.append(far.embed(pixels))

        asking = [threading.Thread(target=ask) for _ in range(CLIENTS)]
        for thread in asking:
            thread.start()
        ready.wait(WITHIN_S)
        cluster.remove_node(removed, allow_graceful=False)
        for thread in asking:
            thread.join(WITHIN_S)
        expected = near.embed(np.stack([near.preprocess(crop) for crop in crops("china.jpg")]))
        same = sum(bool((rows * expected).sum(axis=1).min() > 0.9999) for rows in found)
        print(  # noqa: T201 - the test reads it
            json.dumps({"answers": len(found), "same": same})
        )


def running(serve: object) -> int:
    """Return how many replicas run."""
    [application] = serve.status().applications.values()  # type: ignore[attr-defined]
    [deployment] = application.deployments.values()
    found: int = deployment.replica_states.get("RUNNING", 0)
    return found


if __name__ == "__main__":
    main()
