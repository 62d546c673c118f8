"""How the candidates of a search are cut into tasks for helper processes."""

from __future__ import annotations

from typing import Any

from churn_ops.contract import TrainingRequest
from churn_ops.training.commit import keys
from churn_ops.training.fit.estimators import estimator_of


def make_tasks(request: TrainingRequest, candidates: list[dict[str, Any]], missing: list[int]) -> list[dict[str, Any]]:
    """Cut the missing candidates into tasks.

    Forests that differ in their number of trees alone share a task and so a fit; a study of Optuna is one task, since
    each of its trials learns from those before.

    Parameters
    ----------
    candidates : list of dict
        All candidates of the search.
    missing : list of int
        Positions of those that must be trained.

    Returns
    -------
    list of dict
        ``id``, ``kind``, ``estimator`` and ``candidates``; for Optuna also ``grid``.
    """
    if request["search"]["kind"] == "optuna":
        return _studies(request, candidates, missing)
    groups: dict[str, dict[str, Any]] = {}
    # All of them, so that those that are missing keep the order of an unbroken search.
    for index, candidate in enumerate(candidates):
        name, params = candidate["estimator"], candidate["params"]
        shared = {key: value for key, value in params.items() if key != "n_estimators"}
        own = shared if estimator_of(name).forest else params
        key = keys.digest([name, own])
        group = groups.setdefault(key, {"id": key, "kind": "group", "estimator": name, "candidates": []})
        group["candidates"].append({"index": index, "params": params})
    for group in groups.values():
        wanted = [candidate for candidate in group["candidates"] if candidate["index"] in missing]
        group["candidates"] = sorted(wanted, key=lambda candidate: candidate["params"].get("n_estimators", 0))
    return [group for group in groups.values() if group["candidates"]]


def _studies(request: TrainingRequest, candidates: list[dict[str, Any]], missing: list[int]) -> list[dict[str, Any]]:
    tasks = []
    for space in request["search"]["spaces"]:
        own = [index for index, candidate in enumerate(candidates) if candidate["estimator"] == space["estimator"]]
        if any(index in missing for index in own):
            # The whole study runs again, so that its later trials are those of an unbroken one.
            trials = [{"index": index} for index in own]
            tasks.append({"id": space["prefix"], "kind": "optuna", "candidates": trials, **space})
    return tasks
