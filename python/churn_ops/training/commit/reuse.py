"""Versions that earlier runs of the same training have registered already."""

from __future__ import annotations

import json
from typing import Any

from mlflow import MlflowClient

from churn_ops.contract import Tag
from churn_ops.store.pages import search_versions


def registered(client: MlflowClient, model: str, training: str) -> dict[str, Any]:
    """Find the versions of a training by their keys; of doubles the lowest number counts.

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


def answer_of(client: MlflowClient, candidate: dict[str, Any], version: Any) -> dict[str, Any]:
    """Give what training answers for a candidate that has a version already.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    candidate : dict
        ``name``, ``estimator``, and ``params`` or None where the search itself chooses them.
    version : mlflow.entities.model_registry.ModelVersion
        Its version.

    Returns
    -------
    dict
        The same as when it was trained, but for ``reused``; and ``heldMethod``.
    """
    metrics = dict(client.get_run(version.run_id).data.metrics)
    threshold = metrics.pop("threshold", float(version.tags[Tag.THRESHOLD]))
    params = candidate["params"]
    return {
        "version": str(version.version),
        "runId": version.run_id,
        "name": candidate["name"],
        "estimator": candidate["estimator"],
        # MLflow keeps the parameters of a run as text; the tag has their types.
        "params": json.loads(version.tags[Tag.PARAMS]) if params is None else params,
        "threshold": threshold,
        "metrics": metrics,
        "heldMethod": version.tags.get(Tag.HELD_METHOD, ""),
        "reused": True,
    }
