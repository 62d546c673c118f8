"""Rows with the answers of both models of a pair."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scored:
    """Rows that both models of a pair answered and neither trained on.

    Attributes
    ----------
    keys : numpy.ndarray of str, shape (rows,)
        Row keys, in ascending order.
    labels : numpy.ndarray of int, shape (rows,)
        1 for a churner.
    groups : numpy.ndarray of str, shape (rows,)
        The row's customer.
    baseline, candidate : numpy.ndarray of float, shape (rows,)
        Probabilities of churn.
    dropped : int
        Rows left out because one of the models trained on them or has no answer to them.
    """

    keys: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    baseline: np.ndarray
    candidate: np.ndarray
    dropped: int
