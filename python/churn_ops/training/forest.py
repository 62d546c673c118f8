"""Forests of one search: one fit gives every ``n_estimators`` of its other parameters, exactly.

The first n trees of a forest that was fitted with ``random_state`` s are the forest of n trees fitted with s, because
scikit-learn draws the seeds of the trees one after another (``sklearn.ensemble._forest.BaseForest.fit``).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

MINIMUM_COVERAGE = 0.9
FOLDS = 5


@dataclass(frozen=True)
class Votes:
    """Probabilities of the positive class.

    Attributes
    ----------
    test : numpy.ndarray of float, shape (test rows,)
        Of the whole forest.
    held : numpy.ndarray of float, shape (training rows,)
        Of trees that did not see the row; NaN where there is none.
    method : str
        ``out-of-bag`` or ``five-fold``.
    """

    test: np.ndarray
    held: np.ndarray
    method: str


def fit_forest(
    features: np.ndarray, labels: np.ndarray, params: dict[str, Any], trees: int, seed: int, jobs: int
) -> RandomForestClassifier:
    """Fit one forest with threads.

    Parameters
    ----------
    features : numpy.ndarray, shape (rows, columns)
        Preprocessed features.
    labels : numpy.ndarray of int, shape (rows,)
        0 or 1.
    params : dict
        Parameters of the forest without ``n_estimators``.
    trees : int
        Number of trees.
    seed : int
        ``random_state``.
    jobs : int
        Threads; the forest does not depend on it.

    Returns
    -------
    sklearn.ensemble.RandomForestClassifier
        Fitted, with ``n_jobs=None``.
    """
    forest = RandomForestClassifier(n_estimators=trees, random_state=seed, n_jobs=jobs, **params)
    forest.fit(features, labels)
    # Saved forests must add their trees in one order, or the last bits of a probability change with the machine.
    forest.n_jobs = None
    return forest


def first_trees(forest: RandomForestClassifier, count: int) -> RandomForestClassifier:
    """Give the forest that a fit with ``count`` trees and the same seed would have given."""
    small = copy.copy(forest)
    small.n_estimators = count
    small.estimators_ = forest.estimators_[:count]
    return small


def forest_votes(
    forest: RandomForestClassifier, counts: list[int], train: np.ndarray, train_labels: np.ndarray, test: np.ndarray
) -> dict[int, Votes]:
    """Probabilities of every prefix of a forest, from one pass over its trees.

    Parameters
    ----------
    forest : sklearn.ensemble.RandomForestClassifier
        The largest forest of the group.
    counts : list of int
        Numbers of trees to answer for.
    train, test : numpy.ndarray
        Preprocessed features.
    train_labels : numpy.ndarray of int
        Labels of ``train``, for the five-fold fallback.

    Returns
    -------
    dict of int to Votes
        By number of trees; ``test`` equals ``predict_proba`` of that forest bit for bit.
    """
    train = np.ascontiguousarray(train, dtype=np.float32)
    test = np.ascontiguousarray(test, dtype=np.float32)
    rows = len(train)
    test_sum = np.zeros((len(test), 2))
    held_sum = np.zeros(rows)
    held_votes = np.zeros(rows, dtype=np.int64)
    samples = forest.estimators_samples_ if forest.bootstrap else None
    votes: dict[int, Votes] = {}
    wanted = set(counts)
    for index, tree in enumerate(forest.estimators_):
        test_sum += tree.predict_proba(test, check_input=False)
        if samples is not None:
            unseen = np.ones(rows, dtype=bool)
            unseen[samples[index]] = False
            held_sum[unseen] += tree.predict_proba(train[unseen], check_input=False)[:, 1]
            held_votes[unseen] += 1
        count = index + 1
        if count in wanted:
            held, method = _held(forest, count, train, train_labels, held_sum, held_votes)
            votes[count] = Votes((test_sum / count)[:, 1], held, method)
    return votes


def _held(
    forest: RandomForestClassifier,
    count: int,
    train: np.ndarray,
    labels: np.ndarray,
    held_sum: np.ndarray,
    held_votes: np.ndarray,
) -> tuple[np.ndarray, str]:
    if np.mean(held_votes > 0) >= MINIMUM_COVERAGE:
        with np.errstate(invalid="ignore"):
            return held_sum / held_votes, "out-of-bag"
    fresh = RandomForestClassifier(**{**forest.get_params(), "n_estimators": count, "n_jobs": None})
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=forest.random_state)
    return cross_val_predict(fresh, train, labels, cv=folds, method="predict_proba", n_jobs=1)[:, 1], "five-fold"
