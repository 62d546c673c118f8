"""The trees of a forest as flat arrays; `src/serving/forest/forest-file.ts` describes the format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from churn_ops.contract import FOREST_FORMAT
from churn_ops.serving.array_file import write_arrays
from churn_ops.serving.model_parts import ModelParts

_LEAF = -1


def write_forest(parts: ModelParts, manifest: str, folder: Path) -> None:
    """Write ``forest.json`` and ``forest.bin``.

    Parameters
    ----------
    parts : ModelParts
        The model.
    manifest : str
        SHA-256 of the version's files, which the forest stands for.
    folder : pathlib.Path
        Where to.
    """
    codes, numbers = zip(*(_nodes(tree) for tree in parts.trees), strict=True)
    distinct, places = _distinct(np.concatenate(numbers))
    columns = [
        {"name": column.name, "kind": "number", "feature": column.feature}
        if column.values is None
        else {"name": column.name, "kind": "category", "feature": column.feature, "values": column.values}
        for column in parts.columns
    ]
    header = {
        "format": FOREST_FORMAT,
        "manifestSha256": manifest,
        "threshold": parts.threshold,
        "features": parts.features,
        "columns": columns,
    }
    arrays = {
        "numbers": distinct,
        "sizes": np.array([len(each) for each in codes], dtype=np.uint32),
        "codes": _small(np.concatenate(codes)),
        "places": _small(places),
    }
    write_arrays(folder, "forest", header, arrays)


def _nodes(tree: Any) -> tuple[np.ndarray, np.ndarray]:
    """Code and number of each node, every node before those below it and the left ones first."""
    order = _order(tree)
    feature = tree.feature[order]
    is_leaf = tree.children_left[order] == _LEAF
    goes_left = np.asarray(tree.missing_go_to_left, dtype=np.int64)[order]
    codes = np.where(is_leaf, 0, 2 * (feature.astype(np.int64) + 1) + (goes_left != 0))
    return codes, np.where(is_leaf, tree.value[order, 0, 1], tree.threshold[order]).astype(np.float64)


def _order(tree: Any) -> np.ndarray:
    left, right = tree.children_left, tree.children_right
    inner = np.flatnonzero(left != _LEAF)
    # So scikit-learn grows trees unless the number of leaves is limited.
    if np.array_equal(left[inner], inner + 1):
        return np.arange(tree.node_count)
    order, waiting = [], [0]
    while waiting:
        node = waiting.pop()
        order.append(node)
        if left[node] != _LEAF:
            waiting += [right[node], left[node]]
    return np.array(order)


def _distinct(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct numbers by their bits, ascending, and where in them each number is."""
    bits, places = np.unique(numbers.view(np.uint64), return_inverse=True)
    distinct = bits.view(np.float64)
    order = np.argsort(distinct, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return distinct[order], rank[places]


def _small(values: np.ndarray) -> np.ndarray:
    return values.astype(np.uint16 if values.max() <= np.iinfo(np.uint16).max else np.uint32)
