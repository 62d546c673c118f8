"""Rows that reach a node and lie on the two sides of its threshold, as close to it as float32 allows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from churn_ops.serving.model_parts import Column, ModelParts

_UNKNOWN = "(unknown)"
_TRIES = 40


@dataclass
class _Way:
    """What a row must be like to reach a node."""

    over: dict[int, float] = field(default_factory=dict)
    at_most: dict[int, float] = field(default_factory=dict)


def boundary_rows(parts: ModelParts, rows: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Make two rows for each distinct threshold of a number, which together tell it from every other one.

    Parameters
    ----------
    parts : ModelParts
        The model.
    rows : pandas.DataFrame
        Raw rows to start from.
    most : int
        How many to make at most; thresholds are drawn when there are more.
    seed : int
        Of the draws.

    Returns
    -------
    pandas.DataFrame
        The last float32 that goes left at a node of that threshold, and the first that goes right.
    """
    random = np.random.default_rng(seed)
    sites = [site for column in parts.columns if column.values is None for site in _sites(parts, column)]
    parents = [_parents(tree) for tree in parts.trees]
    values = rows.to_numpy(dtype=object)
    names = list(rows)
    made = []
    for number in random.permutation(len(sites))[: most // 2]:
        column, nodes = sites[number]
        for attempt in range(_TRIES):
            tree, node = nodes[attempt % len(nodes)]
            start = dict(zip(names, values[random.integers(len(values))], strict=True))
            left, right = _sides(parts, column, start, parts.trees[tree], parents[tree], node)
            # The same share on both sides would tell nothing.
            if _share(parts, parts.trees[tree], left) != _share(parts, parts.trees[tree], right):
                break
        made += [left, right]
    columns = {column.name: [row[column.name] for row in made] for column in parts.columns}
    return pd.DataFrame(columns).astype({column.name: _type(column) for column in parts.columns})


def _type(column: Column) -> type:
    return float if column.values is None else object


def _sites(parts: ModelParts, column: Column) -> list[tuple[Column, list[tuple[int, int]]]]:
    """Find a few nodes for each distinct threshold of a number."""
    found: dict[float, list[tuple[int, int]]] = {}
    for number, tree in enumerate(parts.trees):
        for node in np.flatnonzero((tree.feature == column.feature) & np.isfinite(tree.threshold)):
            found.setdefault(float(tree.threshold[node]), []).append((number, int(node)))
    return [(column, nodes[-_TRIES:]) for nodes in found.values()]


def _sides(
    parts: ModelParts, column: Column, start: dict[str, Any], tree: Any, parents: np.ndarray, node: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    way = _way(tree, parents, node)
    reaching = {each.name: _fitting(each, start[each.name], way) for each in parts.columns}
    threshold = float(tree.threshold[node])
    return (
        {**reaching, column.name: _last_left(threshold)},
        {**reaching, column.name: _first_right(threshold)},
    )


def _share(parts: ModelParts, tree: Any, row: dict[str, Any]) -> float:
    features: dict[int, float] = {}
    for column in parts.columns:
        value = row[column.name]
        if column.values is None:
            features[column.feature] = float(np.float32(value))
        elif value in column.values:
            features[column.feature + column.values.index(value)] = 1.0
    node = 0
    while tree.children_left[node] >= 0:
        value = features.get(int(tree.feature[node]), 0.0)
        goes_left = bool(tree.missing_go_to_left[node]) if np.isnan(value) else value <= tree.threshold[node]
        node = tree.children_left[node] if goes_left else tree.children_right[node]
    return float(tree.value[node, 0, 1])


def _parents(tree: Any) -> np.ndarray:
    parents = np.full(tree.node_count, -1)
    inner = np.flatnonzero(tree.children_left >= 0)
    parents[tree.children_left[inner]] = inner
    parents[tree.children_right[inner]] = inner
    return parents


def _way(tree: Any, parents: np.ndarray, node: int) -> _Way:
    way = _Way()
    while (above := int(parents[node])) >= 0:
        feature, threshold = int(tree.feature[above]), float(tree.threshold[above])
        if tree.children_left[above] == node:
            way.at_most[feature] = min(threshold, way.at_most.get(feature, np.inf))
        else:
            way.over[feature] = max(threshold, way.over.get(feature, -np.inf))
        node = above
    return way


def _fitting(column: Column, value: Any, way: _Way) -> Any:
    if column.values is None:
        return _fitting_number(value, way.over.get(column.feature, -np.inf), way.at_most.get(column.feature, np.inf))
    features = range(column.feature, column.feature + len(column.values))
    present = [text for feature, text in zip(features, column.values, strict=True) if feature in way.over]
    if present:
        return present[0]
    absent = [text for feature, text in zip(features, column.values, strict=True) if feature in way.at_most]
    return _UNKNOWN if value in absent else value


def _fitting_number(value: float, over: float, at_most: float) -> float:
    if np.isinf(over) and np.isinf(at_most):
        return value
    if over < float(np.float32(value)) <= at_most:
        return value
    return _first_right(over) if np.isinf(at_most) else _last_left(at_most)


def _last_left(threshold: float) -> float:
    single = np.float32(threshold)
    return float(single if float(single) <= threshold else np.nextafter(single, np.float32(-np.inf)))


def _first_right(threshold: float) -> float:
    single = np.float32(threshold)
    return float(single if float(single) > threshold else np.nextafter(single, np.float32(np.inf)))
