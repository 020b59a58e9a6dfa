"""The confusion matrix in a model's stored metrics: dense, or sparse in versions that are too old.

At 1,000 labels a dense matrix takes 3 MB as JSON, nearly all of it zeros. The sparse form, under
``confusion_cells``, is a list of ``[row, column, count]`` for each cell that is not zero.
"""

from typing import Any


def without_zeros(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return stored metrics with their confusion matrix in the sparse form."""
    if "confusion" not in metrics:
        return metrics
    cells = [
        [row, column, count]
        for row, counts in enumerate(metrics["confusion"])
        for column, count in enumerate(counts)
        if count
    ]
    rest = {name: value for name, value in metrics.items() if name != "confusion"}
    return rest | {"confusion_cells": cells}


def counts_of(metrics: dict[str, Any]) -> list[list[int]]:
    """Return the dense matrix of stored metrics: a row and a column for each of its classes."""
    if "confusion" in metrics:
        dense: list[list[int]] = metrics["confusion"]
        return dense
    size = len(metrics["classes"])
    counts = [[0] * size for _ in range(size)]
    for row, column, count in metrics["confusion_cells"]:
        counts[row][column] = count
    return counts
