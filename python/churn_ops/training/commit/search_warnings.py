"""What a search tells of itself beside its candidates."""

from __future__ import annotations

from churn_ops.contract import Candidate
from churn_ops.training.fit.estimators import estimator_of
from churn_ops.training.split_request import SplitRequest

_MOST_NAMED = 5


def warn_of_equal_trials(trials: int, equal: int) -> list[str]:
    """Warn when trials of a study drew parameters that an earlier trial had."""
    if equal == 0:
        return []
    return [
        f"{equal} of {trials} trials drew the same parameters as an earlier trial: each set of "
        "parameters is one version."
    ]


def warn_of_few_votes(request: SplitRequest, done: dict[int, Candidate], held_methods: dict[int, str]) -> list[str]:
    """Warn when forests had too few out-of-bag votes, so that their predictions come from folds.

    Parameters
    ----------
    request : dict
        The training request; folds that it asks for need no warning.
    done : dict of int to Candidate
        Registered candidates, by their position.
    held_methods : dict of int to str
        How the predictions of the training rows were made, by position.
    """
    if request["search"]["folds"] is not None:
        return []
    found = [
        candidate["name"]
        for index, candidate in sorted(done.items())
        if estimator_of(candidate["estimator"]).forest and held_methods[index] != "out-of-bag"
    ]
    if not found:
        return []
    names = ", ".join(found[:_MOST_NAMED])
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return [
        f"Too few out-of-bag votes in {names}{more} (small forests, or several rows per customer): five-fold "
        "predictions of the training rows were used instead."
    ]
