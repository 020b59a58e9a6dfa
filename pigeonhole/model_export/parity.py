"""Comparison of an exported model's answers with the server's on the same images."""

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

SHOWN = 20
"""The most images listed individually among those with different answers."""


def compare(here: Sequence[Json], there: Sequence[Json]) -> Json:
    """Return the parity report of two lists of answers to the same images.

    The differences of confidences, 0 to 1, are the largest and the mean over all labels of all
    images.

    Args:
        here: The server's answers: ``sample``, ``heldOut``, ``decision`` and ``confidences`` by
            label.
        there: The exported model's answers, as ``predict.py`` returns them.
    """
    largest, total, count = 0.0, 0.0, 0
    labels, decisions = [], []
    for own, exported in zip(here, there, strict=True):
        confidences = dict(exported["ranking"])
        away = [abs(share - confidences[label]) for label, share in own["confidences"].items()]
        largest = max(largest, *away)
        total, count = total + sum(away), count + len(away)
        label = max(own["confidences"], key=own["confidences"].__getitem__)
        difference = {"sample": own["sample"], "here": label, "there": exported["label"]}
        if label != exported["label"]:
            labels.append(difference | {"confidence": own["confidences"][label]})
        if own["decision"] != exported["decision"]:
            decisions.append(
                {
                    "sample": own["sample"],
                    "here": own["decision"],
                    "there": exported["decision"],
                }
            )
    return {
        "images": len(here),
        "heldOut": sum(own["heldOut"] for own in here),
        "largestDifference": largest,
        "meanDifference": total / max(count, 1),
        "labelsThatDiffer": len(labels),
        "decisionsThatDiffer": len(decisions),
        "differentLabels": labels[:SHOWN],
        "differentDecisions": decisions[:SHOWN],
    }
