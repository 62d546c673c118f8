"""The candidates of a search, before anything is fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.model_selection import ParameterGrid, ParameterSampler

from churn_ops.contract import SearchPlan, SearchSpace, TrainingRequest
from churn_ops.training.commit import keys


def plan_candidates(request: TrainingRequest, training: str) -> list[dict[str, Any]]:
    """List every candidate with its key.

    Parameters
    ----------
    training : str
        Key of the training.

    Returns
    -------
    list of dict
        ``name``, ``estimator``, ``params`` and ``key``; without ``params`` where the search itself chooses them, and
        then with a key of its place in the search alone: see :func:`settled`.
    """
    search = request["search"]
    planned: Sequence[Mapping[str, Any]]
    if search["kind"] == "grid":
        planned = request["candidates"]
    elif search["kind"] == "random":
        planned = [candidate for space in search["spaces"] for candidate in _sampled(space, search, request["seed"])]
    else:
        planned = [
            {"name": f"{space['prefix']}_optuna_{trial + 1}", "estimator": space["estimator"], "params": None}
            for space in search["spaces"]
            for trial in range(search["iterations"])
        ]
    return [{**candidate, "key": keys.candidate_key(training, _identity(candidate, request))} for candidate in planned]


def settled(candidate: dict[str, Any], params: dict[str, Any], training: str) -> dict[str, Any]:
    """Give a candidate the parameters that its study drew, and the key of any candidate with these parameters."""
    if candidate["params"] is not None:
        return candidate
    identity = {"estimator": candidate["estimator"], "params": params}
    return {**candidate, "params": params, "key": keys.candidate_key(training, identity)}


def _sampled(space: SearchSpace, search: SearchPlan, seed: int) -> list[dict[str, Any]]:
    # The sampler of RandomizedSearchCV; more draws than there are points would repeat them.
    count = min(search["iterations"], len(ParameterGrid(space["grid"])))
    return [
        {"name": f"{space['prefix']}_random_{number + 1}", "estimator": space["estimator"], "params": dict(params)}
        for number, params in enumerate(ParameterSampler(space["grid"], count, random_state=seed))
    ]


def _identity(candidate: Mapping[str, Any], request: TrainingRequest) -> dict[str, Any]:
    if candidate["params"] is not None:
        return {"estimator": candidate["estimator"], "params": candidate["params"]}
    return {"estimator": candidate["estimator"], "trial": candidate["name"], "search": request["search"]}
