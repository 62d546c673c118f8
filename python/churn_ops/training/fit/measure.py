"""The metrics of one candidate on its test rows."""

from __future__ import annotations

import numpy as np
from sklearn import metrics

from churn_ops.contract import ThresholdRule, TrainingRules
from churn_ops.statistics.capacity import capacity_rows
from churn_ops.statistics.f1_interval import f1_interval
from churn_ops.statistics.skill import measure_skill


def measure(
    labels: np.ndarray, probabilities: np.ndarray, threshold: float, groups: np.ndarray, seed: int
) -> dict[str, float | None]:
    """Measure a candidate on its test rows.

    Parameters
    ----------
    labels : numpy.ndarray of int, shape (rows,)
        0 or 1.
    probabilities : numpy.ndarray of float, shape (rows,)
        Of the positive class.
    threshold : float
        The candidate's own; no choice is made here.
    groups : numpy.ndarray, shape (rows,)
        Equal for rows of one customer.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict of str to float or None
        Metrics under MLflow's names; None where the rows do not allow one.
    """
    predicted = (probabilities >= threshold).astype(np.int64)
    both_classes = len(np.unique(labels)) == 2
    low, high = f1_interval(labels, predicted, groups, seed)
    skill = measure_skill(labels, probabilities, threshold, groups, TrainingRules.BOOTSTRAP_DRAWS, seed)
    top = _top_rows(probabilities)
    base_rate = float(np.mean(labels))
    top_precision = float(np.mean(labels[top]))
    return {
        "accuracy": float(metrics.accuracy_score(labels, predicted)),
        "precision": float(metrics.precision_score(labels, predicted, zero_division=0)),
        "recall": float(metrics.recall_score(labels, predicted, zero_division=0)),
        "f1_score": float(metrics.f1_score(labels, predicted, zero_division=0)),
        "f1_score_low": low,
        "f1_score_high": high,
        "f1_flag_all": skill["f1FlagAll"],
        "f1_gain_low": skill["gainLow"],
        "f1_at_half": float(metrics.f1_score(labels, probabilities >= 0.5, zero_division=0)),
        "roc_auc": float(metrics.roc_auc_score(labels, probabilities)) if both_classes else None,
        "roc_auc_low": skill["aucLow"],
        "roc_auc_high": skill["aucHigh"],
        "average_precision": float(metrics.average_precision_score(labels, probabilities)) if both_classes else None,
        "log_loss": float(metrics.log_loss(labels, probabilities, labels=[0, 1])),
        "brier": float(metrics.brier_score_loss(labels, probabilities)) if both_classes else None,
        "precision_top_decile": top_precision,
        "lift_top_decile": top_precision / base_rate if base_rate > 0 else None,
        "share_flagged": float(np.mean(predicted)),
    }


def _top_rows(probabilities: np.ndarray) -> np.ndarray:
    return np.argsort(-probabilities, kind="stable")[: capacity_rows(TrainingRules.TOP_SHARE, len(probabilities))]


def decision_metrics(
    rule: ThresholdRule, labels: np.ndarray, probabilities: np.ndarray, profits: np.ndarray | None, threshold: float
) -> dict[str, float]:
    """Measure what the rule of the threshold is about.

    Parameters
    ----------
    rule : ThresholdRule
        As the request gives it.
    labels, probabilities : numpy.ndarray, shape (rows,)
        Of the test rows.
    profits : numpy.ndarray of float, shape (rows,), or None
        Profit of contacting each customer, under ``cost``.
    threshold : float
        The candidate's own.

    Returns
    -------
    dict of str to float
        ``precision_at_capacity``, or ``profit`` over all test rows and ``profit_per_customer``; empty for other rules.
    """
    if rule["kind"] == "capacity":
        count = capacity_rows(rule["share"], len(labels))
        top = np.argsort(-probabilities, kind="stable")[:count]
        return {"precision_at_capacity": float(np.mean(labels[top]))}
    if profits is not None:
        profit = float(np.sum(profits[probabilities >= threshold]))
        return {"profit": profit, "profit_per_customer": profit / len(labels)}
    return {}
