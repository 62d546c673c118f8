"""Probabilities of the training rows by models that did not learn from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict

from churn_ops.contract import TrainingRules
from churn_ops.table.customers import fewest_customers
from churn_ops.training.fit import forest as forests
from churn_ops.training.fit.estimators import build, estimator_of

Splits = list[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class OutOfSample:
    """What honest predictions of the training rows a candidate has.

    Attributes
    ----------
    probabilities : numpy.ndarray of float, shape (training rows,)
        NaN where there is none.
    method : str
        ``out-of-bag`` or ``five-fold`` and the like.
    cv_score : float or None
        Mean average precision over the folds.
    """

    probabilities: np.ndarray
    method: str
    cv_score: float | None = None


def forest_out_of_sample(
    name: str,
    forest: Any,
    counts: list[int],
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    folds: int | None,
) -> dict[int, OutOfSample]:
    """Honest predictions of every prefix of a forest.

    Out-of-bag, unless folds are asked for or the votes are too few: small forests, customers with several rows.

    Parameters
    ----------
    name : {'forest', 'extra-trees'}
        Kind of forest.
    forest : estimator
        The largest forest of the group, fitted on ``features``.
    counts : list of int
        Numbers of trees.
    features, labels : numpy.ndarray
        Training rows, preprocessed.
    groups : numpy.ndarray of int, shape (rows,)
        Number of each row's customer, from 0.
    folds : int or None
        Number of folds; None for out-of-bag.

    Returns
    -------
    dict of int to OutOfSample
        By number of trees.
    """
    found: dict[int, OutOfSample] = {}
    if folds is None:
        for count, (held, votes) in forests.out_of_bag(forest, counts, features, groups).items():
            if np.mean(votes) >= TrainingRules.MINIMUM_VOTES and np.mean(votes > 0) >= TrainingRules.MINIMUM_COVERAGE:
                found[count] = OutOfSample(held, "out-of-bag")
    missing = [count for count in counts if count not in found]
    if missing:
        splits = _splits(features, labels, groups, folds, forest.random_state)
        found.update(_forest_folds(name, forest, missing, features, labels, splits))
    return found


def folds_out_of_sample(
    name: str,
    params: dict[str, Any],
    seed: int,
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    folds: int | None,
) -> OutOfSample:
    """Out-of-fold predictions of one candidate, by scikit-learn's ``cross_val_predict``.

    Parameters
    ----------
    name : str
        Key of the estimator.
    params : dict
        Parameters of the candidate.
    seed : int
        Of the estimator and of the folds.
    features, labels : numpy.ndarray
        Training rows, preprocessed.
    groups : numpy.ndarray of int, shape (rows,)
        Number of each row's customer, from 0.
    folds : int or None
        Number of folds; None for five.

    Returns
    -------
    OutOfSample
        With the mean average precision over the folds.
    """
    from sklearn.metrics import average_precision_score

    splits = _splits(features, labels, groups, folds, seed)
    model = build(name, params, seed)
    answered = cross_val_predict(model, features, labels, cv=splits, n_jobs=1, method="predict_proba")[:, 1]
    scores = [average_precision_score(labels[left], answered[left]) for _, left in splits]
    return OutOfSample(answered, fold_words(len(splits)), float(np.mean(scores)))


def fold_words(folds: int) -> str:
    """Name a number of folds: ``five-fold``."""
    words = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}
    return f"{words.get(folds, str(folds))}-fold"


def _splits(features: np.ndarray, labels: np.ndarray, groups: np.ndarray, folds: int | None, seed: int) -> Splits:
    """Make the folds that every candidate of a search shares; all rows of a customer are in one."""
    count = folds or max(2, min(TrainingRules.FOLDS, fewest_customers(labels, groups)))
    if len(np.unique(groups)) == len(groups):
        return list(StratifiedKFold(count, shuffle=True, random_state=seed).split(features, labels))
    return list(StratifiedGroupKFold(count, shuffle=True, random_state=seed).split(features, labels, groups))


def _forest_folds(
    name: str, forest: Any, counts: list[int], features: np.ndarray, labels: np.ndarray, splits: Splits
) -> dict[int, OutOfSample]:
    from sklearn.metrics import average_precision_score

    params = forest.get_params()
    seed = params.pop("random_state")
    for fixed in ("n_jobs", *estimator_of(name).fixed):
        params.pop(fixed)
    params["n_estimators"] = max(counts)
    held = {count: np.full(len(labels), np.nan) for count in counts}
    scores: dict[int, list[float]] = {count: [] for count in counts}
    for learned, left in splits:
        fitted = forests.fit_forest(name, features[learned], labels[learned], params, seed, 1)
        for count, answered in forests.probabilities(fitted, counts, features[left]).items():
            held[count][left] = answered
            scores[count].append(float(average_precision_score(labels[left], answered)))
    words = fold_words(len(splits))
    return {count: OutOfSample(held[count], words, float(np.mean(scores[count]))) for count in counts}
