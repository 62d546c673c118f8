"""Versions that an earlier run of the same training has registered already."""

from __future__ import annotations

from typing import Any

from mlflow import MlflowClient

from churn_ops import tracking


def find_reused(
    client: MlflowClient, model: str, training: str, candidates: list[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Find versions by the keys of candidates; of doubles the lowest number counts.

    Parameters
    ----------
    client : mlflow.MlflowClient
        The open store.
    model : str
        Name of the registered model.
    training : str
        Key of the training.
    candidates : list of dict
        With ``key``, ``name``, ``estimator`` and ``params``.

    Returns
    -------
    dict of str to dict
        By key: what training answers for the candidate, with ``parentRunId``.
    """
    wanted = {candidate["key"]: candidate for candidate in candidates}
    by_key: dict[str, Any] = {}
    query = f"name = '{model}' and tags.`churnops.training` = '{training}'"
    for version in sorted(tracking.search_versions(client, query), key=lambda version: int(version.version)):
        key = version.tags.get("churnops.key", "")
        if key in wanted:
            by_key.setdefault(key, version)
    return {key: _answer(client, wanted[key], version) for key, version in by_key.items()}


def _answer(client: MlflowClient, candidate: dict[str, Any], version: Any) -> dict[str, Any]:
    data = client.get_run(version.run_id).data
    metrics = dict(data.metrics)
    threshold = metrics.pop("threshold", float(version.tags["churnops.threshold"]))
    return {
        "version": str(version.version),
        "runId": version.run_id,
        "name": candidate["name"],
        "estimator": candidate["estimator"],
        # A search that chose the parameters itself has them in its run alone.
        "params": dict(data.params) if candidate["params"] is None else candidate["params"],
        "threshold": threshold,
        "metrics": metrics,
        "reused": True,
        "parentRunId": version.tags.get("churnops.parent_run_id", ""),
    }
