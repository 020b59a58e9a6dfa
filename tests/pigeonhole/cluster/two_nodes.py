"""A Ray cluster of two nodes on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LIMITS = {"num_cpus": 1, "object_store_memory": 100_000_000, "node_ip_address": "127.0.0.1"}


@contextmanager
def two_nodes() -> Iterator[tuple[Any, Any]]:
    """Yield a cluster, and the node of it that can be removed."""
    from ray.cluster_utils import Cluster

    head = {**LIMITS, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        yield cluster, cluster.add_node(**LIMITS)
    finally:
        cluster.shutdown()
