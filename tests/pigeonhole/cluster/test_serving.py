"""The encoder service on a Ray cluster of two nodes."""

import json

import pytest

from tests.pigeonhole.cluster.isolated import LIMIT_S, needs_ray, run_isolated

CLIENTS, REQUESTS = 3, 25


@needs_ray
@pytest.mark.timeout(LIMIT_S + 20)
def test_no_request_fails_when_a_node_is_killed_and_all_vectors_are_the_same() -> None:
    told = json.loads(run_isolated("killed_replica"))

    assert told == {
        "answers": CLIENTS * REQUESTS,
        "same": CLIENTS * REQUESTS,
    }
