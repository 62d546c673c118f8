"""Paired bootstrap of the difference of two models on the same rows, by customer."""

from __future__ import annotations

import numpy as np

from churn_ops.contract import Comparison, GateMetric, TrainingRules
from churn_ops.statistics.capacity import capacity_rows
from churn_ops.statistics.f1_interval import f1_interval
from churn_ops.statistics.resample import group_codes, resampled_counts
from churn_ops.statistics.wilson import wilson

#: A row falls into one of these cells by its label and both answers.
_CELLS = 8
_INTERVAL = (TrainingRules.INTERVAL_LOW, TrainingRules.INTERVAL_HIGH)


def paired_difference(
    labels: np.ndarray,
    baseline: np.ndarray,
    candidate: np.ndarray,
    groups: np.ndarray,
    metric: GateMetric,
    draws: int,
    seed: int,
    confidence: float,
) -> Comparison:
    """Compare two models' answers to the same rows.

    Every metric here depends on the counts of (label, answer, answer) alone, so drawing customers with replacement is
    drawing their vectors of eight counts (percentile method).

    Parameters
    ----------
    labels : numpy.ndarray of int, shape (rows,)
        1 for a churner, 0 else.
    baseline, candidate : numpy.ndarray of bool, shape (rows,)
        Who each model would contact.
    groups : numpy.ndarray, shape (rows,)
        Equal for rows of one customer.
    metric : dict
        ``kind`` ``f1``, ``precision@capacity`` or ``profit`` with ``value`` and ``cost``.
    draws, seed : int
        Size and seed of the bootstrap.
    confidence : float
        Of the one-sided lower end; the two-sided interval has 95 %.
    """
    cells = labels * 4 + baseline * 2 + candidate
    drawn = resampled_counts(cells, groups, _CELLS, draws, seed)
    differences = _score(drawn, 1, metric) - _score(drawn, 2, metric)
    once = np.bincount(cells.astype(np.int64), minlength=_CELLS)[np.newaxis, :]
    scores = [float(_score(once, bit, metric)[0]) for bit in (2, 1)]
    low, lower, upper = np.quantile(differences, [1 - confidence, *_INTERVAL])
    return {
        "baseline": scores[0],
        "candidate": scores[1],
        "difference": scores[1] - scores[0],
        "low": float(low),
        "interval": [float(lower), float(upper)],
        "standardError": float(np.std(differences)),
    }


def score(labels: np.ndarray, answers: np.ndarray, metric: GateMetric) -> float:
    """Score of one model; parameters as in `paired_difference`."""
    counts = np.bincount((labels * 4 + answers * 2).astype(np.int64), minlength=_CELLS)
    return float(_score(counts[np.newaxis, :], 2, metric)[0])


def interval(
    labels: np.ndarray, answers: np.ndarray, groups: np.ndarray, metric: GateMetric, draws: int, seed: int
) -> tuple[float, float] | None:
    """95 % interval of one model's score.

    A bootstrap of customers; where that would be a point or too narrow, Wilson's interval of the share that the metric
    is made of. A profit without any spread has none.

    Parameters
    ----------
    labels, answers : numpy.ndarray, shape (rows,)
        Churners, and who the model would contact.
    groups, metric, draws, seed
        As in `paired_difference`.

    Returns
    -------
    low, high : float
        2.5 % and 97.5 % points; None when there is nothing to draw an interval from.
    """
    if metric["kind"] == "f1":
        return f1_interval(labels, answers, groups, seed, draws)
    scores = _score(resampled_counts(labels * 4 + answers * 2, groups, _CELLS, draws, seed), 2, metric)
    low, high = (float(end) for end in np.quantile(scores, _INTERVAL))
    if metric["kind"] == "profit":
        return None if low == high else (low, high)
    codes = group_codes(groups)
    if low < high and len(np.unique(codes[labels == 1])) >= TrainingRules.FEW_CHURNERS:
        return low, high
    customers = len(np.unique(codes[answers.astype(bool)]))
    if customers == 0:
        return None
    (low,), (high,) = wilson(np.array([score(labels, answers, metric) * customers]), np.array([customers]))
    return float(low), float(high)


def answers(probabilities: np.ndarray, threshold: float, metric: GateMetric) -> np.ndarray:
    """Whom a model would contact: from its threshold on, or as many as the capacity allows.

    Parameters
    ----------
    probabilities : numpy.ndarray of float, shape (rows,)
        Of churn.
    threshold : float
        The version's own.
    metric : dict
        As in `paired_difference`; ``capacity`` is a share of the rows.

    Returns
    -------
    numpy.ndarray of bool, shape (rows,)
    """
    if metric["kind"] != "precision@capacity":
        return probabilities >= threshold
    count = capacity_rows(metric["capacity"], len(probabilities))
    chosen = np.zeros(len(probabilities), dtype=bool)
    chosen[np.argsort(-probabilities, kind="stable")[:count]] = True
    return chosen


def _score(counts: np.ndarray, bit: int, metric: GateMetric) -> np.ndarray:
    cells = np.arange(_CELLS)
    flagged_cells = (cells & bit) > 0
    positives = counts[:, cells >= 4].sum(axis=1)
    flagged = counts[:, flagged_cells].sum(axis=1)
    caught = counts[:, flagged_cells & (cells >= 4)].sum(axis=1)
    if metric["kind"] == "profit":
        return (metric["value"] * caught - metric["cost"] * flagged) / counts.sum(axis=1)
    if metric["kind"] == "precision@capacity":
        return _ratio(caught, flagged)
    return _ratio(2 * caught, flagged + positives)


def _ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    return np.divide(over, under, out=np.zeros(len(over)), where=under > 0)
