"""Quality of answers on labelled rows."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score


def measure_quality(labels: np.ndarray, answers: np.ndarray, probabilities: np.ndarray) -> dict[str, float | None]:
    """Measure answers against labels under MLflow's metric names.

    Parameters
    ----------
    labels, answers : numpy.ndarray of int, shape (rows,)
        What happened and what the model said.
    probabilities : numpy.ndarray of float, shape (rows,)
        Probability of label 1; NaN where the model does not tell.

    Returns
    -------
    dict of str to float
        NaN where a metric has no meaning, such as ``roc_auc`` of one class.
    """
    if len(labels) == 0:
        return dict.fromkeys(("f1_score", "precision", "recall", "roc_auc", "accuracy"), float("nan"))
    ranked = len(np.unique(labels)) == 2 and bool(np.isfinite(probabilities).all())
    return {
        "f1_score": float(f1_score(labels, answers, zero_division=np.nan)),
        "precision": float(precision_score(labels, answers, zero_division=np.nan)),
        "recall": float(recall_score(labels, answers, zero_division=np.nan)),
        "roc_auc": float(roc_auc_score(labels, probabilities)) if ranked else float("nan"),
        "accuracy": float(accuracy_score(labels, answers)),
    }
