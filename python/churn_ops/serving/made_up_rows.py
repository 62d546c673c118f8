"""Rows that nobody is: on and beside the thresholds of a forest, blank, with values that it never met."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from churn_ops.serving.model_parts import Column, ModelParts

_EXTREMES = np.array([0.0, -0.0, 5e-324, 1e-45, 3.4e38, -3.4e38, 16777217.0])
_KEPT = 0.3
_STRANGE_AMONG_HARD = 0.5
_STRANGE_AMONG_GOLDEN = 0.15


def adversarial_rows(parts: ModelParts, rows: pd.DataFrame, count: int, seed: int) -> pd.DataFrame:
    """Change drawn rows where a walk could go wrong.

    Parameters
    ----------
    parts : ModelParts
        The model.
    rows : pandas.DataFrame
        Raw rows to start from.
    count : int
        How many to make.
    seed : int
        Of the draws.

    Returns
    -------
    pandas.DataFrame
        Numbers on a threshold, the next double and the next float32 either way, half-way between two float32,
        extreme or blank; categories known, unknown or blank; some values as they were.
    """
    random = np.random.default_rng(seed)
    drawn = rows.iloc[random.integers(len(rows), size=count)].reset_index(drop=True)
    made: dict[str, Any] = {}
    for column in parts.columns:
        kept = random.random(count) < _KEPT
        values = drawn[column.name].to_numpy()
        changed = _near(thresholds(parts, column), count, random) if column.values is None else None
        changed = _texts(column, count, _STRANGE_AMONG_HARD, random) if changed is None else changed
        made[column.name] = np.where(kept, values, changed)
    return pd.DataFrame(made, copy=False)


def golden_rows(parts: ModelParts, count: int, seed: int) -> pd.DataFrame:
    """Make rows of numbers between the thresholds, and of categories that the model tells of itself.

    Returns
    -------
    pandas.DataFrame
        No value in it is a customer's number.
    """
    random = np.random.default_rng(seed)
    made: dict[str, Any] = {}
    for column in parts.columns:
        if column.values is None:
            splits = thresholds(parts, column)
            values = random.uniform(splits.min(), splits.max(), size=count) if len(splits) else random.random(count)
            made[column.name] = np.where(random.random(count) < 0.1, np.nan, values)
        else:
            made[column.name] = _texts(column, count, _STRANGE_AMONG_GOLDEN, random)
    return pd.DataFrame(made, copy=False)


def thresholds(parts: ModelParts, column: Column) -> np.ndarray:
    """Thresholds at which the trees split a number, finite ones alone."""
    found = [tree.threshold[tree.feature == column.feature] for tree in parts.trees]
    together = np.unique(np.concatenate(found))
    return together[np.isfinite(together)]


def _near(splits: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    if len(splits) == 0:
        splits = np.array([0.0, 1.0])
    at = splits[random.integers(len(splits), size=count)]
    single = at.astype(np.float32)
    up = np.nextafter(single, np.float32(np.inf)).astype(np.float64)
    kinds = np.stack(
        [
            at,
            np.nextafter(at, np.inf),
            np.nextafter(at, -np.inf),
            single.astype(np.float64),
            up,
            np.nextafter(single, np.float32(-np.inf)).astype(np.float64),
            # A tie of the rounding to float32.
            (single.astype(np.float64) + up) / 2,
            random.choice(_EXTREMES, size=count),
            np.full(count, np.nan),
        ]
    )
    chosen = kinds[random.integers(len(kinds), size=count), np.arange(count)]
    return np.where(np.isinf(chosen.astype(np.float32)), at, chosen)


def _texts(column: Column, count: int, strange_share: float, random: np.random.Generator) -> np.ndarray:
    known = np.array([value for value in column.values or [] if value is not None] or [None], dtype=object)
    some = [str(value) for value in known[:2]]
    strange = ["", " ", "__proto__", None, *(f"{value} " for value in some), *(value.swapcase() for value in some)]
    pool = np.array(strange, dtype=object)
    is_strange = random.random(count) < strange_share
    return np.where(
        is_strange, pool[random.integers(len(pool), size=count)], known[random.integers(len(known), size=count)]
    )
