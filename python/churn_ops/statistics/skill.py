"""What a model's answers to rows that it did not learn from tell of its skill."""

from __future__ import annotations

import numpy as np

from churn_ops.contract import MeasuredSkill, TrainingRules
from churn_ops.statistics.f1_interval import f1_of_counts
from churn_ops.statistics.resample import group_codes, resampled_counts

_Z = TrainingRules.INTERVAL_DEVIATIONS
_STEPS = 60


def measure_skill(
    labels: np.ndarray, probabilities: np.ndarray, threshold: float, groups: np.ndarray, draws: int, seed: int
) -> MeasuredSkill:
    """Compare a model with flagging everybody, and its order of the rows with chance.

    Parameters
    ----------
    labels : numpy.ndarray of int, shape (rows,)
        1 for a churner, 0 else.
    probabilities : numpy.ndarray of float, shape (rows,)
        Of churn, by a model that did not learn from the rows.
    threshold : float
        From which the model flags a row.
    groups : numpy.ndarray of str, shape (rows,)
        The row's customer; the intervals draw customers.
    draws, seed : int
        Size and seed of the bootstrap.
    """
    codes = group_codes(groups)
    flagged = probabilities >= threshold
    cells = labels * 2 + flagged
    once = np.bincount(cells.astype(np.int64), minlength=4)[np.newaxis, :]
    f1, everybody = (float(scores[0]) for scores in _scores(once))
    gain_low = 0.0
    if len(labels) > 0:
        drawn = _scores(resampled_counts(cells, codes, 4, draws, seed))
        gain_low = float(np.quantile(drawn[0] - drawn[1], TrainingRules.GAIN_RISK))
    churned, stayed = (len(np.unique(codes[labels == label])) for label in (1, 0))
    area = auc(labels, probabilities)
    low, high = (None, None) if area is None else auc_interval(area, churned, stayed)
    return {
        "rows": len(labels),
        "churners": int(labels.sum()),
        "customers": int(codes.max(initial=-1)) + 1,
        "churnedCustomers": churned,
        "stayedCustomers": stayed,
        "f1": f1,
        "f1FlagAll": everybody,
        "gain": f1 - everybody,
        "gainLow": gain_low,
        "auc": area,
        "aucLow": low,
        "aucHigh": high,
    }


def auc(labels: np.ndarray, probabilities: np.ndarray) -> float | None:
    """Area under the ROC curve: how often a churner has the higher probability, ties for a half; None for one class."""
    _, places = np.unique(probabilities, return_inverse=True)
    churned = np.bincount(places, weights=labels)
    stayed = np.bincount(places, weights=1 - labels)
    pairs = churned.sum() * stayed.sum()
    if pairs == 0:
        return None
    below = np.cumsum(stayed) - stayed
    return float(np.sum(churned * (below + stayed / 2)) / pairs)


def auc_interval(area: float, churned: int, stayed: int) -> tuple[float, float]:
    """95 % interval of an AUC of the Wilson type: it never shrinks to a point, and ends within 0 and 1.

    All areas that are not rejected with the variance that they themselves imply (Newcombe, Confidence intervals for an
    effect size measure based on the Mann-Whitney statistic, part 2, 2006, method 5). Counting customers for rows takes
    rows of one customer for copies, which makes the interval rather too wide.

    Parameters
    ----------
    area : float
        Of the rows.
    churned, stayed : int
        Customers of either class, one or more.

    Returns
    -------
    low, high : float
        Ends of the interval.
    """
    spare = (churned + stayed) / 2 - 1

    def rejected(value: float) -> bool:
        spread = 1 + spare * ((1 - value) / (2 - value) + value / (1 + value))
        return (area - value) ** 2 > _Z**2 * value * (1 - value) * spread / (churned * stayed)

    ends: list[float] = []
    for outside in (0.0, 1.0):
        inside = area
        for _ in range(_STEPS):
            middle = (outside + inside) / 2
            outside, inside = (middle, inside) if rejected(middle) else (outside, middle)
        ends.append(inside)
    return ends[0], ends[1]


def _scores(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """F1 of the model and of flagging everybody, from counts of (stayed, stayed and flagged, missed, caught)."""
    stayed, alarms, missed, caught = counts.T
    return f1_of_counts(caught, alarms, missed), f1_of_counts(caught + missed, stayed + alarms, np.zeros_like(missed))
