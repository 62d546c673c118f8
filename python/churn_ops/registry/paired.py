"""Paired bootstrap of the difference of two models on the same rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

#: Rows drawn at random with replacement fall into these cells by label and both answers.
_CELLS = 8


def paired_difference(
    labels: np.ndarray,
    baseline: np.ndarray,
    candidate: np.ndarray,
    metric: dict[str, Any],
    draws: int,
    seed: int,
    confidence: float,
) -> dict[str, Any]:
    """Compare two models' answers to the same rows.

    Every metric here depends on the counts of (label, answer, answer) alone, so drawing rows with replacement is
    drawing these eight counts from a multinomial distribution (Efron and Tibshirani, An Introduction to the Bootstrap,
    1993, percentile method).

    Parameters
    ----------
    labels : numpy.ndarray of int, shape (rows,)
        1 for a churner, 0 else.
    baseline, candidate : numpy.ndarray of bool, shape (rows,)
        Who each model would contact.
    metric : dict
        ``kind`` ``f1``, ``precision@capacity`` or ``profit`` with ``value`` and ``cost``.
    draws, seed : int
        Size and seed of the bootstrap.
    confidence : float
        Of the one-sided lower end; the two-sided interval has 95 %.

    Returns
    -------
    dict
        ``baseline``, ``candidate``, ``difference``, ``low`` (one-sided) and ``interval``.
    """
    cell = labels * 4 + baseline * 2 + candidate
    counts = np.bincount(cell.astype(np.int64), minlength=_CELLS)
    total = int(counts.sum())
    drawn = np.random.default_rng(seed).multinomial(total, counts / total, size=draws)
    differences = _score(drawn, 1, metric) - _score(drawn, 2, metric)
    once = counts[np.newaxis, :]
    scores = [float(_score(once, bit, metric)[0]) for bit in (2, 1)]
    low, lower, upper = np.quantile(differences, [1 - confidence, 0.025, 0.975])
    return {
        "baseline": scores[0],
        "candidate": scores[1],
        "difference": scores[1] - scores[0],
        "low": float(low),
        "interval": [float(lower), float(upper)],
    }


def interval(
    labels: np.ndarray, answers: np.ndarray, metric: dict[str, Any], draws: int, seed: int
) -> tuple[float, float]:
    """95 % bootstrap interval of one model's score.

    Parameters
    ----------
    labels, answers : numpy.ndarray, shape (rows,)
        Churners, and who the model would contact.
    metric, draws, seed
        As in `paired_difference`.

    Returns
    -------
    low, high : float
        2.5 % and 97.5 % points.
    """
    counts = np.bincount((labels * 4 + answers * 2).astype(np.int64), minlength=_CELLS)
    total = int(counts.sum())
    scores = _score(np.random.default_rng(seed).multinomial(total, counts / total, size=draws), 2, metric)
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)


def answers(probabilities: np.ndarray, threshold: float, metric: dict[str, Any]) -> np.ndarray:
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
    count = max(1, math.ceil(metric["capacity"] * len(probabilities)))
    chosen = np.zeros(len(probabilities), dtype=bool)
    chosen[np.argsort(-probabilities, kind="stable")[:count]] = True
    return chosen


def _score(counts: np.ndarray, bit: int, metric: dict[str, Any]) -> np.ndarray:
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
