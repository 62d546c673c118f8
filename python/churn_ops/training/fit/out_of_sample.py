"""Probabilities of the training rows by models that did not learn from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import parallel_config
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, StratifiedKFold

from churn_ops.contract import TrainingRules
from churn_ops.table.customers import fewest_customers
from churn_ops.training.fit import forest as forests
from churn_ops.training.fit.estimators import build, estimator_of

Splits = list[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Held:
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


def held_of_forest(
    name: str,
    forest: Any,
    counts: list[int],
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    folds: int | None,
) -> dict[int, Held]:
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
    dict of int to Held
        By number of trees.
    """
    found: dict[int, Held] = {}
    if folds is None:
        for count, (held, votes) in forests.out_of_bag(forest, counts, features, groups).items():
            if np.mean(votes) >= TrainingRules.MINIMUM_VOTES and np.mean(votes > 0) >= TrainingRules.MINIMUM_COVERAGE:
                found[count] = Held(held, "out-of-bag")
    missing = [count for count in counts if count not in found]
    if missing:
        splits = _splits(features, labels, groups, folds, forest.random_state)
        found.update(_forest_folds(name, forest, missing, features, labels, splits))
    return found


def held_by_grid_search(
    name: str,
    params: dict[str, Any],
    seed: int,
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    folds: int | None,
) -> Held:
    """Honest predictions of one candidate by scikit-learn's own ``GridSearchCV``.

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
    Held
        Out-of-fold probabilities and the mean score of the search.
    """
    splits = _splits(features, labels, groups, folds, seed)
    record = _Recorder(splits, len(labels))
    grid = {key: [value] for key, value in params.items()}
    search = GridSearchCV(
        build(name, {}, seed),
        grid,
        scoring=record,
        cv=splits,
        refit=False,
        error_score="raise",
        n_jobs=1,
    )
    # Threads, never worker processes: those would outlive us when we are killed.
    with parallel_config(backend="threading", n_jobs=1):
        search.fit(features, labels)
    return Held(record.probabilities, fold_words(len(splits)), float(search.cv_results_["mean_test_score"][0]))


def fold_words(folds: int) -> str:
    """Name a number of folds: ``five-fold``."""
    words = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}
    return f"{words.get(folds, str(folds))}-fold"


def _splits(features: np.ndarray, labels: np.ndarray, groups: np.ndarray, folds: int | None, seed: int) -> Splits:
    """Make the folds that every candidate of a search shares; all rows of a customer lie in one."""
    count = folds or max(2, min(TrainingRules.FOLDS, fewest_customers(labels, groups)))
    if len(np.unique(groups)) == len(groups):
        return list(StratifiedKFold(count, shuffle=True, random_state=seed).split(features, labels))
    return list(StratifiedGroupKFold(count, shuffle=True, random_state=seed).split(features, labels, groups))


def _forest_folds(
    name: str, forest: Any, counts: list[int], features: np.ndarray, labels: np.ndarray, splits: Splits
) -> dict[int, Held]:
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
    return {count: Held(held[count], words, float(np.mean(scores[count]))) for count in counts}


class _Recorder:
    """A scorer for ``GridSearchCV`` that keeps the probabilities of each fold."""

    def __init__(self, splits: Splits, rows: int) -> None:
        self._left = [left for _, left in splits]
        self.probabilities = np.full(rows, np.nan)

    def __call__(self, estimator: Any, features: np.ndarray, labels: np.ndarray) -> float:
        from sklearn.metrics import average_precision_score

        answered = estimator.predict_proba(features)[:, 1]
        # GridSearchCV takes the folds of its one candidate in order.
        self.probabilities[self._left.pop(0)] = answered
        return float(average_precision_score(labels, answered))
