"""Versions that earlier runs of the same training have registered already."""

from __future__ import annotations

import json
from typing import Any

from mlflow import MlflowClient

from churn_ops.contract import Candidate, Tag
from churn_ops.store.pages import search_versions
from churn_ops.training.engine.plan import Planned, Settled


def registered(client: MlflowClient, model: str, training: str) -> dict[str, Any]:
    """Find the versions of a training by their keys; of duplicates the lowest number counts.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    model : str
        Name of the registered model.
    training : str
        Key of the training.

    Returns
    -------
    dict of str to mlflow.entities.model_registry.ModelVersion
        By key.
    """
    by_key: dict[str, Any] = {}
    query = f"name = '{model}' and tags.`{Tag.TRAINING}` = '{training}'"
    for version in sorted(search_versions(client, query), key=lambda version: int(version.version)):
        by_key.setdefault(version.tags.get(Tag.KEY, ""), version)
    return by_key


def answer_of(client: MlflowClient, candidate: Planned | Settled, version: Any) -> tuple[Candidate, str]:
    """Give what training answers for a candidate that has a version already.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    candidate : Planned or Settled
        As the search has it.
    version : mlflow.entities.model_registry.ModelVersion
        Its version.

    Returns
    -------
    answer : Candidate
        The same as when it was trained, but for ``reused``.
    held_method : str
        Where the answers to its training rows come from.
    """
    measured = dict(client.get_run(version.run_id).data.metrics)
    threshold = measured.pop("threshold", float(version.tags[Tag.THRESHOLD]))
    params = candidate["params"]
    answer: Candidate = {
        "version": str(version.version),
        "runId": version.run_id,
        "name": candidate["name"],
        "estimator": candidate["estimator"],
        # MLflow keeps the parameters of a run as text; the tag has their types.
        "params": json.loads(version.tags[Tag.PARAMS]) if params is None else params,
        "threshold": threshold,
        "metrics": {**measured},
        "reused": True,
    }
    return answer, version.tags.get(Tag.HELD_METHOD, "")
