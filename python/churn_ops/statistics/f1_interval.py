"""95 % interval of F1, by customer, also where few customers churned."""

from __future__ import annotations

import numpy as np

from churn_ops.contract import TrainingRules
from churn_ops.statistics.resample import group_codes, resampled_counts
from churn_ops.statistics.wilson import wilson


def f1_interval(
    labels: np.ndarray, predicted: np.ndarray, groups: np.ndarray, seed: int, draws: int = TrainingRules.BOOTSTRAP_DRAWS
) -> tuple[float, float]:
    """95 % interval of F1.

    A bootstrap of customers (percentile method). With few churners, or where every draw would give the same F1, it is
    Wilson's interval of the share TP / (TP + FP + FN), of which F1 is a growing function, ``2 s / (1 + s)``; that
    never has width zero (Wilson, Probable inference, 1927; for F1: Takahashi and others, Confidence interval for
    micro-averaged F1 and macro-averaged F1 scores, 2022).

    Parameters
    ----------
    labels, predicted : numpy.ndarray of int, shape (rows,)
        0 or 1.
    groups : numpy.ndarray, shape (rows,)
        Equal for rows of one customer.
    seed, draws : int
        Seed and size of the bootstrap.

    Returns
    -------
    low, high : float
        2.5 % and 97.5 % points; 0 and 1 when nobody churned and nobody was flagged.
    """
    # Caught, falsely flagged, missed, rightly left alone.
    cells = (1 - labels.astype(np.int64)) + 2 * (1 - predicted.astype(np.int64))
    codes = group_codes(groups)
    churned = len(np.unique(codes[labels == 1]))
    counts = np.bincount(cells, minlength=4)
    hits, counted = int(counts[0]), int(counts[:3].sum())
    # With fewer the percentiles of a bootstrap are too narrow.
    if churned < TrainingRules.FEW_CHURNERS or hits in (0, counted):
        # Rows of one customer say the same thing several times, so customers are what is counted.
        return _wilson(hits, counted, len(np.unique(codes[cells < 3])))
    drawn = resampled_counts(cells, codes, 4, draws, seed)
    low, high = np.quantile(
        f1_of_counts(drawn[:, 0], drawn[:, 1], drawn[:, 2]), [TrainingRules.INTERVAL_LOW, TrainingRules.INTERVAL_HIGH]
    )
    return float(low), float(high)


def f1_of_counts(hits: np.ndarray, false_alarms: np.ndarray, missed: np.ndarray) -> np.ndarray:
    """F1 of counts of rows; 0 where nobody churned and nobody was flagged."""
    under = 2 * hits + false_alarms + missed
    return np.divide(2 * hits, under, out=np.zeros(len(under)), where=under > 0)


def _wilson(hits: int, counted: int, customers: int) -> tuple[float, float]:
    if counted == 0:
        return 0.0, 1.0
    (low,), (high,) = wilson(np.array([hits]), np.array([counted]), np.array([customers]))
    # Rounding must not leave 0 or 1 outside of its own interval.
    low, high = (0.0 if hits == 0 else low), (1.0 if hits == counted else high)
    return float(2 * low / (1 + low)), float(2 * high / (1 + high))
