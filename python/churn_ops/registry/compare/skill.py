"""Judge one version by itself, on rows that it did not learn from."""

from __future__ import annotations

import contextlib
import json
from typing import TypeAlias

import numpy as np

from churn_ops.contract import CheckedTable, Problem, SkillFacts, SkillRequest, Tag
from churn_ops.progress import Progress
from churn_ops.registry.compare.stored import stored_versions
from churn_ops.statistics.skill import measure_skill
from churn_ops.store.connect import connect
from churn_ops.store.registry_reader import open_without_mlflow
from churn_ops.versions.stored import StoredVersions

#: Labels, probabilities, threshold and customers of the rows.
_Judged: TypeAlias = tuple[np.ndarray, np.ndarray, float, np.ndarray]


def skill(request: SkillRequest, progress: Progress) -> Problem | SkillFacts:
    """Measure the skill of a version.

    Raises
    ------
    ChurnOpsError
        ``VERSION_UNKNOWN``, or ``MODEL_INTEGRITY`` when its stored rows or answers cannot be read.
    """
    store, version = request["store"], request["version"]
    progress("skill", 0, 0, f"version {version} by itself")
    fresh, address = request["fresh"], store["trackingUri"]
    # Fresh rows are scored by the model, and whatever it loads finds MLflow at this store.
    client = open_without_mlflow(address) if fresh is None else connect(address, must_exist=True)
    stored = stored_versions(client, store["model"])
    if not stored.is_ours(version):
        return {"problem": "churn-ops did not train it and has no predictions of it"}
    labels, answers, threshold, groups = _held_out(stored, version) if fresh is None else _fresh(stored, version, fresh)
    facts = measure_skill(labels, answers, threshold, groups, request["draws"], request["seed"])
    return {**facts, "thresholdRule": _rule(stored.tags(version))}


def _held_out(stored: StoredVersions, version: str) -> _Judged:
    held = stored.answers(version, "held_out")
    return held.labels, held.probabilities, held.threshold, stored.customers(version, "held_out").group


def _fresh(stored: StoredVersions, version: str, source: CheckedTable) -> _Judged:
    from churn_ops.registry.compare.fresh import FreshRows

    fresh = FreshRows(stored, source)
    places = fresh.kept(fresh.trained_on(version))
    return (
        fresh.labels[places],
        fresh.probabilities(version)[places],
        fresh.threshold(version),
        fresh.groups[places],
    )


def _rule(tags: dict[str, str]) -> str | None:
    with contextlib.suppress(KeyError, ValueError, TypeError):
        return str(json.loads(tags[Tag.THRESHOLD_RULE])["kind"])
    return None
