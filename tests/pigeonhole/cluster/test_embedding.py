"""`pigeonhole embed` on a Ray cluster of two nodes."""

import json
import re

import pytest

from tests.pigeonhole.cluster.embedded_bucket import IMAGES
from tests.pigeonhole.cluster.isolated import LIMIT_S, needs_ray, run_isolated


@needs_ray
@pytest.mark.timeout(LIMIT_S + 20)
def test_an_interrupted_run_goes_on_and_a_killed_node_costs_no_image_and_doubles_none() -> None:
    told = json.loads(run_isolated("embedded_bucket"))

    added, known = (int(word) for word in re.findall(r"\d+", told.pop("said").replace(",", "")))
    assert 0 < known < IMAGES
    assert added + known == IMAGES
    assert told == {
        "status": 0,
        "killed_while_it_ran": True,
        "removed_while_it_ran": True,
        "samples": IMAGES,
        "contents": IMAGES,
        "vectors": IMAGES,
        "errors": [],
    }
