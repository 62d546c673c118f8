"""The candidates of a search, before anything is fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from sklearn.model_selection import ParameterGrid, ParameterSampler

from churn_ops.contract import CandidatePlan, EstimatorName, Params, SearchPlan, SearchSpace, TrainingRequest
from churn_ops.training.commit import keys


class Settled(CandidatePlan):
    """A candidate whose parameters are known."""

    key: str


class _Open(TypedDict):
    name: str
    estimator: EstimatorName
    params: None


class Planned(TypedDict):
    """A candidate; where the search itself chooses the parameters, its key is that of its place: see `settled`."""

    name: str
    estimator: EstimatorName
    params: Params | None
    key: str


def plan_candidates(request: TrainingRequest, training: str) -> list[Planned]:
    """List every candidate with its key.

    Parameters
    ----------
    training : str
        Key of the training.

    Returns
    -------
    list of Planned
        In the order of the plan.
    """
    search = request["search"]
    planned: Sequence[CandidatePlan | _Open]
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
    return [
        {
            "name": candidate["name"],
            "estimator": candidate["estimator"],
            "params": candidate["params"],
            "key": keys.candidate_key(training, _identity(candidate, request)),
        }
        for candidate in planned
    ]


def settled(candidate: Planned, params: Params, training: str) -> Settled:
    """Give a candidate the parameters that its study drew, and the key of any candidate with these parameters."""
    name, estimator, key = candidate["name"], candidate["estimator"], candidate["key"]
    if candidate["params"] is not None:
        return {"name": name, "estimator": estimator, "params": candidate["params"], "key": key}
    key = keys.candidate_key(training, {"estimator": estimator, "params": params})
    return {"name": name, "estimator": estimator, "params": params, "key": key}


def _sampled(space: SearchSpace, search: SearchPlan, seed: int) -> list[CandidatePlan]:
    # The sampler of RandomizedSearchCV; more draws than there are points would repeat them.
    count = min(search["iterations"], len(ParameterGrid(space["grid"])))
    return [
        {"name": f"{space['prefix']}_random_{number + 1}", "estimator": space["estimator"], "params": dict(params)}
        for number, params in enumerate(ParameterSampler(space["grid"], count, random_state=seed))
    ]


def _identity(candidate: CandidatePlan | _Open, request: TrainingRequest) -> dict[str, Any]:
    if candidate["params"] is not None:
        return {"estimator": candidate["estimator"], "params": candidate["params"]}
    return {"estimator": candidate["estimator"], "trial": candidate["name"], "search": request["search"]}
