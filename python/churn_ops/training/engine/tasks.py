"""How the candidates of a search are cut into tasks for helper processes."""

from __future__ import annotations

from churn_ops.contract import TrainingRequest
from churn_ops.training.commit import keys
from churn_ops.training.engine.events import Group, Point, Study, Trial
from churn_ops.training.engine.plan import Planned
from churn_ops.training.fit.estimators import estimator_of


def make_tasks(request: TrainingRequest, candidates: list[Planned], missing: list[int]) -> list[Group] | list[Study]:
    """Cut the missing candidates into tasks.

    Forests that differ in their number of trees alone share a task and so a fit; a study of Optuna is one task, since
    each of its trials learns from those before.

    Parameters
    ----------
    candidates : list of Planned
        All candidates of the search.
    missing : list of int
        Positions of those that must be trained.
    """
    if request["search"]["kind"] == "optuna":
        return _studies(request, candidates, missing)
    groups: dict[str, Group] = {}
    # All of them, so that those that are missing keep the order of an unbroken search.
    for index, candidate in enumerate(candidates):
        name, params = candidate["estimator"], candidate["params"] or {}
        shared = {key: value for key, value in params.items() if key != "n_estimators"}
        own = shared if estimator_of(name).forest else params
        key = keys.digest([name, own])
        new: Group = {"id": key, "kind": "group", "estimator": name, "candidates": []}
        group = groups.setdefault(key, new)
        group["candidates"].append({"index": index, "params": params})
    for group in groups.values():
        wanted = [candidate for candidate in group["candidates"] if candidate["index"] in missing]
        group["candidates"] = sorted(wanted, key=_trees)
    return [group for group in groups.values() if group["candidates"]]


def _studies(request: TrainingRequest, candidates: list[Planned], missing: list[int]) -> list[Study]:
    tasks: list[Study] = []
    for space in request["search"]["spaces"]:
        own = [index for index, candidate in enumerate(candidates) if candidate["estimator"] == space["estimator"]]
        if any(index in missing for index in own):
            # The whole study runs again, so that its later trials are those of an unbroken one.
            trials: list[Trial] = [{"index": index} for index in own]
            tasks.append({"id": space["prefix"], "kind": "optuna", "candidates": trials, **space})
    return tasks


def _trees(candidate: Point) -> float:
    trees = candidate["params"].get("n_estimators", 0)
    return trees if isinstance(trees, int | float) else 0
