"""Score versions again on fresh labelled rows."""

from __future__ import annotations

import numpy as np

from churn_ops.contract import Comparison, GateMetric, Retested, RetestProblem, RetestRequest
from churn_ops.errors import ChurnOpsError
from churn_ops.process import lifetime
from churn_ops.progress import Progress
from churn_ops.registry.compare import paired
from churn_ops.registry.compare.fresh import FreshRows
from churn_ops.registry.compare.stored import stored_versions
from churn_ops.store.connect import connect


def retest(request: RetestRequest, progress: Progress) -> list[RetestProblem | Retested]:
    """Score each version on the rows that it did not train on."""
    store = request["store"]
    client = connect(store["trackingUri"], must_exist=True)
    fresh = FreshRows(stored_versions(client, store["model"]), request["fresh"])
    results = []
    for done, version in enumerate(request["versions"]):
        lifetime.end_if_orphaned()
        progress("retest", done, len(request["versions"]), f"version {version}")
        try:
            results.append(_one(fresh, version, request))
        except ChurnOpsError as error:
            results.append({"version": version, "problem": error.message})
    progress("retest", len(results), len(results), "done")
    return results


def _one(fresh: FreshRows, version: str, request: RetestRequest) -> RetestProblem | Retested:
    metric, champion = request["metric"], request["champion"]
    places = fresh.kept(fresh.trained_on(version))
    labels = fresh.labels[places]
    found: Retested = {
        "version": version,
        "rows": len(labels),
        "churners": int(labels.sum()),
        "dropped": len(fresh.labels) - len(places),
        "score": None,
        "interval": None,
        "againstChampion": None,
    }
    if not 0 < found["churners"] < found["rows"]:
        return found
    answers = _answers(fresh, version, places, metric)
    found["score"] = paired.score(labels, answers, metric)
    found["interval"] = paired.interval(
        labels, answers, fresh.groups[places], metric, request["draws"], request["seed"]
    )
    if champion is not None and champion != version:
        found["againstChampion"] = _against(fresh, champion, version, request)
    return found


def _against(fresh: FreshRows, champion: str, version: str, request: RetestRequest) -> Comparison | None:
    places = fresh.kept(fresh.trained_on(champion) | fresh.trained_on(version))
    labels = fresh.labels[places]
    if not 0 < int(labels.sum()) < len(labels):
        return None
    return paired.paired_difference(
        labels,
        _answers(fresh, champion, places, request["metric"]),
        _answers(fresh, version, places, request["metric"]),
        fresh.groups[places],
        request["metric"],
        request["draws"],
        request["seed"],
        request["confidence"],
    )


def _answers(fresh: FreshRows, version: str, places: np.ndarray, metric: GateMetric) -> np.ndarray:
    return paired.answers(fresh.probabilities(version)[places], fresh.threshold(version), metric)
