"""The threshold of one candidate, chosen on predictions of rows that it did not learn from."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import metrics

from churn_ops.contract import Cost, ThresholdRule
from churn_ops.statistics.capacity import capacity_rows


def choose_threshold(
    rule: ThresholdRule, labels: np.ndarray, probabilities: np.ndarray, values: np.ndarray | None
) -> float:
    """Choose a threshold by a rule.

    Parameters
    ----------
    rule : dict
        ``kind`` is ``f1``, ``0.5``, ``capacity`` (with ``share`` of the customers) or ``cost`` (with ``contactCost``
        and ``saveRate``).
    labels : numpy.ndarray of int, shape (rows,)
        0 or 1.
    probabilities : numpy.ndarray of float, shape (rows,)
        Out-of-bag or out-of-fold; NaN where there is none.
    values : numpy.ndarray of float, shape (rows,), or None
        What a customer is worth, for ``cost``.

    Returns
    -------
    float
        A row is positive when its probability is at least this.
    """
    known = np.isfinite(probabilities)
    labels, probabilities = labels[known], probabilities[known]
    if rule["kind"] == "0.5":
        return float(rule["kind"])
    if rule["kind"] == "capacity":
        count = capacity_rows(rule["share"], len(probabilities))
        return float(np.sort(probabilities)[::-1][count - 1])
    if rule["kind"] == "cost":
        if values is None:
            raise ValueError("a cost rule needs values")
        return best_profit_threshold(rule, labels, probabilities, values[known])
    return best_f1_threshold(labels, probabilities)


def best_f1_threshold(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Find the threshold with the highest F1.

    Parameters
    ----------
    labels : numpy.ndarray of int, shape (rows,)
        0 or 1.
    probabilities : numpy.ndarray of float, shape (rows,)
        All finite.

    Returns
    -------
    float
        One of the probabilities.
    """
    precision, recall, thresholds = metrics.precision_recall_curve(labels, probabilities)
    with np.errstate(invalid="ignore", divide="ignore"):
        f1 = np.nan_to_num(2 * precision * recall / (precision + recall))[:-1]
    return float(thresholds[int(np.argmax(f1))])


def best_profit_threshold(rule: Cost, labels: np.ndarray, probabilities: np.ndarray, values: np.ndarray) -> float:
    """Find the threshold with the highest profit; above every probability when no contact pays.

    Parameters
    ----------
    rule : dict
        ``contactCost`` and ``saveRate``.
    labels, probabilities, values : numpy.ndarray, shape (rows,)
        Label, probability and worth of each customer.

    Returns
    -------
    float
        One of the probabilities, or just over the highest.
    """
    order = np.argsort(-probabilities, kind="stable")
    gained = np.cumsum(contact_profit(rule, labels, values)[order])
    ranked = probabilities[order]
    # Customers with one probability are contacted together.
    last_of_equals = np.append(ranked[1:] != ranked[:-1], True)
    candidates = np.flatnonzero(last_of_equals)
    best = candidates[int(np.argmax(gained[candidates]))]
    if gained[best] <= 0:
        return float(np.nextafter(ranked[0], 2.0))
    return float(ranked[best])


def contact_profit(rule: Cost, labels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Profit of contacting each customer: a saved churner's worth, less what the contact costs."""
    return labels * rule["saveRate"] * values - rule["contactCost"]


def customer_values(rule: ThresholdRule, rows: Any) -> np.ndarray | None:
    """Worth of each customer under a cost rule, constant or from a column; None under other rules."""
    if rule["kind"] != "cost":
        return None
    value = rule["value"]
    if isinstance(value, str):
        return rows[value].fillna(0.0).to_numpy(dtype=np.float64)
    return np.full(len(rows), float(value))
