"""Quality by group of customers, on the test rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churn_ops.contract import Column, EvidenceRules
from churn_ops.statistics.resample import group_codes
from churn_ops.statistics.wilson import wilson
from churn_ops.training.evidence.facts import Facts

MINIMUM_ROWS = EvidenceRules.SLICE_ROWS
BLANK = "(blank)"


@dataclass(frozen=True)
class Slice:
    """Test rows that share one value or band of a column.

    Attributes
    ----------
    column, value : str
        The group.
    rows : int
        Test rows in it.
    churn_rate, predicted : float
        Share that churned, and mean predicted probability.
    churn_low, churn_high : float
        95 % interval of ``churn_rate``.
    precision, recall : float or None
        At the threshold, with 95 % intervals; None where nothing was flagged or nobody churned.
    """

    column: str
    value: str
    rows: int
    churn_rate: float
    churn_low: float
    churn_high: float
    predicted: float
    precision: float | None
    precision_low: float | None
    precision_high: float | None
    recall: float | None
    recall_low: float | None
    recall_high: float | None

    @property
    def off(self) -> bool:
        """Whether the mean prediction is outside the interval of the churn rate."""
        return not self.churn_low <= self.predicted <= self.churn_high


def slices(facts: Facts) -> list[Slice]:
    """Cut the test rows by every column that has few values or can be cut into bands.

    A category with at most six values gives a slice a value, so does a number that is only ever 0 or 1; any other
    number gives three bands at the terciles of the training rows. Slices under 30 rows are left out.

    Parameters
    ----------
    facts : Facts
        Any candidate.

    Returns
    -------
    list of Slice
        In schema order.
    """
    found: list[Slice] = []
    groups = group_codes(facts.test.group)
    for column in facts.schema["features"]:
        name = column["name"]
        cut = _bands if column["kind"] == "number" else _values
        names, codes = cut(facts.train.features[name], facts.test.features[name], column)
        found += _measure(facts, name, names, codes, groups)
    return found


def _values(train: pd.Series, test: pd.Series, column: Column) -> tuple[list[str], np.ndarray]:
    codes, known = pd.factorize(test)
    declared = [value for value in column.get("values") or [] if value in set(known)]
    order = declared + sorted(set(known) - set(declared))
    if len(order) > EvidenceRules.SLICE_VALUES:
        return [], codes
    places = np.array([order.index(value) for value in known] + [len(order)])
    # The last place is the one that -1, a blank, points to.
    return [*order, BLANK], places[codes]


def _bands(train: pd.Series, test: pd.Series, column: Column) -> tuple[list[str], np.ndarray]:
    numbers, learned = test.to_numpy(dtype=np.float64), train.to_numpy(dtype=np.float64)
    blank = np.isnan(numbers)
    learned = learned[~np.isnan(learned)]
    if len(learned) == 0:
        return [BLANK], np.zeros(len(numbers), dtype=np.int64)
    if np.isin(learned, (0, 1)).all():
        return ["0", "1", "other", BLANK], np.where(blank, 3, np.where(np.isin(numbers, (0, 1)), numbers, 2)).astype(
            int
        )
    whole = bool(np.equal(np.floor(learned), learned).all())
    edges = np.unique(np.quantile(learned, [1 / 3, 2 / 3]))
    edges = np.unique(np.floor(edges)) if whole else edges
    codes = np.where(blank, len(edges) + 1, np.searchsorted(edges, numbers, side="left"))
    first, last = learned.min(), learned.max()
    starts = [first, *(edges + 1 if whole else edges)]
    shown = "{:,.0f} to {:,.0f}" if whole else "{:,.2f} to {:,.2f}"
    names = [shown.format(start, end) for start, end in zip(starts, [*edges, last], strict=True)]
    return [*names, BLANK], codes


def _customers(codes: np.ndarray, groups: np.ndarray, chosen: np.ndarray, size: int) -> np.ndarray:
    """Count the customers of the chosen rows by slice."""
    count = int(groups.max()) + 1
    if count == len(groups):
        return np.bincount(codes[chosen], minlength=size)
    return np.bincount(np.unique(codes[chosen] * count + groups[chosen]) // count, minlength=size)


def _measure(facts: Facts, column: str, names: list[str], codes: np.ndarray, groups: np.ndarray) -> list[Slice]:
    if not names:
        return []
    labels, flagged = facts.labels, facts.flagged

    def count(weights: np.ndarray) -> np.ndarray:
        return np.bincount(codes, weights=weights, minlength=len(names))

    rows, churned = count(np.ones(len(labels))), count(labels)
    flags, hits = count(flagged), count(flagged & (labels == 1))
    predicted = count(facts.answered)
    customers = [
        _customers(codes, groups, chosen, len(names))
        for chosen in (np.ones(len(labels), dtype=bool), flagged, labels == 1)
    ]
    churn, precision, recall = (
        wilson(*each) for each in zip((churned, hits, hits), (rows, flags, churned), customers, strict=True)
    )
    return [
        Slice(
            column,
            name,
            int(rows[at]),
            float(churned[at] / rows[at]),
            float(churn[0][at]),
            float(churn[1][at]),
            float(predicted[at] / rows[at]),
            *_share(hits[at], flags[at], precision, at),
            *_share(hits[at], churned[at], recall, at),
        )
        for at, name in enumerate(names)
        if rows[at] >= MINIMUM_ROWS
    ]


def _share(hits: float, rows: float, interval: tuple[np.ndarray, np.ndarray], at: int) -> tuple[float | None, ...]:
    if rows == 0:
        return None, None, None
    return float(hits / rows), float(interval[0][at]), float(interval[1][at])
