"""Intervals of shares."""

from __future__ import annotations

import numpy as np

from churn_ops.contract import TrainingRules

_Z = TrainingRules.INTERVAL_DEVIATIONS


def wilson(hits: np.ndarray, rows: np.ndarray, customers: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of a share (Wilson, Probable inference, 1927), good for few rows and for shares near 0 and 1.

    Parameters
    ----------
    hits, rows : numpy.ndarray of int
        Counts; where ``rows`` is 0 the interval is NaN.
    customers : numpy.ndarray of int, optional
        Customers of those rows where they are fewer: rows of one customer say the same thing several times.

    Returns
    -------
    low, high : numpy.ndarray of float
        Bounds between 0 and 1.
    """
    hits, rows = np.asarray(hits, dtype=np.float64), np.asarray(rows, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        if customers is not None:
            hits, rows = hits * (customers / rows), np.asarray(customers, dtype=np.float64)
        share = hits / rows
        middle = (share + _Z**2 / (2 * rows)) / (1 + _Z**2 / rows)
        half = _Z * np.sqrt(share * (1 - share) / rows + _Z**2 / (4 * rows**2)) / (1 + _Z**2 / rows)
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)
