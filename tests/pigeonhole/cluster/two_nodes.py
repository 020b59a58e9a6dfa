"""A Ray cluster of two nodes on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LIMITS = {"object_store_memory": 100_000_000, "node_ip_address": "127.0.0.1"}


@contextmanager
def two_nodes(cpus: int = 1) -> Iterator[tuple[Any, Any]]:
    """Yield a cluster with processor cores a node, and the node that can be removed."""
    from ray.cluster_utils import Cluster

    head = {**LIMITS, "num_cpus": cpus, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        yield cluster, cluster.add_node(**LIMITS, num_cpus=cpus)
    finally:
        cluster.shutdown()
