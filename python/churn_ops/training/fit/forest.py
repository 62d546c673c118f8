"""Forests of one search: one fit gives every ``n_estimators`` of its other parameters, exactly.

The first n trees of a forest that was fitted with ``random_state`` s are the forest of n trees fitted with s, because
scikit-learn draws the seeds of the trees one after another (``sklearn.ensemble._forest.BaseForest.fit``).
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from churn_ops.training.fit.estimators import build


def fit_forest(
    name: str, features: np.ndarray, labels: np.ndarray, params: dict[str, Any], seed: int, jobs: int
) -> Any:
    """Fit one forest with threads.

    Parameters
    ----------
    name : {'forest', 'extra-trees'}
        Kind of forest.
    features : numpy.ndarray, shape (rows, columns)
        Preprocessed features.
    labels : numpy.ndarray of int, shape (rows,)
        0 or 1.
    params : dict
        Parameters, ``n_estimators`` among them.
    seed : int
        ``random_state``.
    jobs : int
        Threads; the forest does not depend on it.

    Returns
    -------
    estimator
        Fitted, with ``n_jobs=None``.
    """
    forest = build(name, params, seed, jobs)
    forest.fit(features, labels)
    # Saved forests must add their trees in one order, or the last bits of a probability change with the machine.
    forest.n_jobs = None
    return forest


def first_trees(forest: Any, count: int) -> Any:
    """Give the forest that a fit with ``count`` trees and the same seed would have given."""
    small = copy.copy(forest)
    small.n_estimators = count
    small.estimators_ = forest.estimators_[:count]
    return small


def probabilities(forest: Any, counts: list[int], features: np.ndarray) -> dict[int, np.ndarray]:
    """Probabilities of every prefix of a forest from one pass over its trees.

    Parameters
    ----------
    forest : estimator
        The largest forest of the group.
    counts : list of int
        Numbers of trees to answer for.
    features : numpy.ndarray, shape (rows, columns)
        Preprocessed features.

    Returns
    -------
    dict of int to numpy.ndarray of float, shape (rows,)
        By number of trees; equal to ``predict_proba`` of that forest bit for bit.
    """
    rows = np.ascontiguousarray(features, dtype=np.float32)
    total = np.zeros((len(rows), 2))
    found = {}
    for count, tree in enumerate(forest.estimators_, start=1):
        total += tree.predict_proba(rows, check_input=False)
        if count in counts:
            found[count] = (total / count)[:, 1]
    return found


def out_of_bag(
    forest: Any, counts: list[int], features: np.ndarray, groups: np.ndarray
) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Out-of-bag probabilities of every prefix of a forest, which cost no further fit.

    Breiman, Out-of-bag estimation (1996), by customer: a tree votes on a row when it holds no row of that customer.
    With one row a customer these are the votes of scikit-learn's ``oob_decision_function_``.

    Parameters
    ----------
    forest : estimator
        Fitted with bootstrap on ``features``.
    counts : list of int
        Numbers of trees to answer for.
    features : numpy.ndarray, shape (rows, columns)
        The rows that the forest learned from.
    groups : numpy.ndarray of int, shape (rows,)
        Number of each row's customer, from 0.

    Returns
    -------
    dict of int to tuple of numpy.ndarray, each of shape (rows,)
        By number of trees: the probabilities, NaN for a row that every tree has seen, and the numbers of votes.
    """
    rows = np.ascontiguousarray(features, dtype=np.float32)
    total = np.zeros(len(rows))
    votes = np.zeros(len(rows), dtype=np.int64)
    found = {}
    for count, (tree, drawn) in enumerate(zip(forest.estimators_, forest.estimators_samples_, strict=True), start=1):
        is_new = np.ones(len(rows), dtype=bool)
        is_new[groups[drawn]] = False
        unseen = is_new[groups]
        total[unseen] += tree.predict_proba(rows[unseen], check_input=False)[:, 1]
        votes[unseen] += 1
        if count in counts:
            with np.errstate(invalid="ignore"):
                found[count] = total / votes, votes.copy()
    return found
