"""The estimators that may compete, as scikit-learn names and builds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from churn_ops.contract import TrainingRules
from churn_ops.errors import ChurnOpsError
from churn_ops.integrity.model_types import BOOSTED_TREE, TREE


@dataclass(frozen=True)
class Estimator:
    """One kind of model.

    Attributes
    ----------
    make : type
        scikit-learn's class.
    fixed : dict
        Parameters that no search moves.
    forest : bool
        Has independent trees: one fit gives every number of them, and out-of-bag votes.
    linear : bool
        Needs scaled numbers without blanks.
    types : tuple of str
        Types besides skops' own in its file.
    """

    make: type
    fixed: dict[str, Any]
    forest: bool
    linear: bool
    types: tuple[str, ...]


# Extra trees have no bootstrap of their own; with it they have out-of-bag votes as forests do.
ESTIMATORS: dict[str, Estimator] = {
    "forest": Estimator(RandomForestClassifier, {}, True, False, (TREE,)),
    "extra-trees": Estimator(ExtraTreesClassifier, {"bootstrap": True}, True, False, (TREE,)),
    "hist-gradient-boosting": Estimator(HistGradientBoostingClassifier, {}, False, False, (BOOSTED_TREE,)),
    "logistic-regression": Estimator(
        LogisticRegression, {"max_iter": TrainingRules.LOGISTIC_ITERATIONS}, False, True, ()
    ),
}


def estimator_of(name: str) -> Estimator:
    """Look an estimator up by the name that the command line uses."""
    if name not in ESTIMATORS:
        raise ChurnOpsError("GRID_INVALID", f"There is no estimator {name}.", f"Use one of {', '.join(ESTIMATORS)}.")
    return ESTIMATORS[name]


def tree_count(name: str, params: dict[str, Any]) -> int:
    """Give the number of trees of a forest: a candidate's own, else scikit-learn's."""
    return params.get("n_estimators", estimator_of(name).make().n_estimators)


def build(name: str, params: dict[str, Any], seed: int, jobs: int | None = None) -> Any:
    """Make an unfitted scikit-learn estimator.

    Parameters
    ----------
    name : str
        Key of :data:`ESTIMATORS`.
    params : dict
        Parameters of the candidate.
    seed : int
        ``random_state``.
    jobs : int, optional
        Threads, for forests alone.

    Returns
    -------
    estimator
        Unfitted.
    """
    estimator = estimator_of(name)
    threads = {"n_jobs": jobs} if estimator.forest else {}
    return estimator.make(random_state=seed, **threads, **estimator.fixed, **params)
