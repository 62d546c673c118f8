"""Read versions with the facts that decisions need, and the journal that their tags hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from churn_ops.progress import Progress
from churn_ops.store import place as store_place
from churn_ops.store.connect import connect
from churn_ops.store.pages import search_versions
from churn_ops.tags import DUPLICATE_TAG
from churn_ops.versions import searches
from churn_ops.versions.moves import moves_of

if TYPE_CHECKING:
    from mlflow import MlflowClient

CHAMPION = "champion"
CHALLENGER = "challenger"
PREVIOUS = "previous"
PRODUCTION = "Production"
ROLLED_BACK_TAG = "churnops.rolled_back"


def versions(request: dict[str, Any], _progress: Progress) -> list[dict[str, Any]]:
    """List every version of a model, the oldest first.

    Parameters
    ----------
    request : dict
        ``store`` with ``trackingUri`` and ``model``, and ``toAct``: the versions are wanted for more than a look.

    Returns
    -------
    list of dict
        ``ModelVersion`` of ``src/domain/model-version.ts``; empty when there is no such model.
    """
    store = request["store"]
    if request.get("toAct"):
        store_place.require_here(store["trackingUri"])
    client = connect(store["trackingUri"], must_exist=True)
    return read_versions(client, store["model"])


def journal(request: dict[str, Any], _progress: Progress) -> list[dict[str, Any]]:
    """Rebuild the journal of moves from the tags of the versions, the oldest move first."""
    store = request["store"]
    client = connect(store["trackingUri"], must_exist=True)
    entries = [
        entry
        for version in search_versions(client, f"name = '{store['model']}'")
        for entry in moves_of(version.tags).values()
    ]
    return sorted(entries, key=lambda entry: entry["at"])


def read_versions(client: MlflowClient, model: str) -> list[dict[str, Any]]:
    """Give the facts of every version, the oldest first."""
    return [facts for facts, _ in read_tagged(client, model)]


def read_tagged(client: MlflowClient, model: str) -> list[tuple[dict[str, Any], dict[str, str]]]:
    """Give the facts and the tags of every version, the oldest first."""
    found = search_versions(client, f"name = '{model}'")
    if not found:
        return []
    # A search of versions gives no aliases (mlflow#16734); the model has them all.
    aliases: dict[str, list[str]] = {}
    registered = client.get_registered_model(model)
    for alias, number in registered.aliases.items():
        aliases.setdefault(str(number), []).append(alias)
    found.sort(key=lambda version: int(version.version))
    latest = searches.latest_members(client, registered.tags, found)
    return [
        (_facts(client, version, sorted(aliases.get(str(version.version), [])), latest), dict(version.tags))
        for version in found
    ]


def _facts(client: MlflowClient, version: Any, aliases: list[str], latest: set[str]) -> dict[str, Any]:
    tags = version.tags
    created = datetime.fromtimestamp(version.creation_timestamp / 1000, UTC)
    moves = sorted(moves_of(tags).values(), key=lambda entry: entry["at"])
    staged = [entry["to"] for entry in moves if entry.get("state") == "done" and entry.get("action") != "gate"]
    return {
        "version": str(version.version),
        "runId": version.run_id or None,
        "stage": version.current_stage or "None",
        "recordedStage": staged[-1] if staged else None,
        "aliases": aliases,
        "f1": _number(tags, "churnops.f1_score", lambda: _run_metric(client, version.run_id, "f1_score")),
        "f1Low": _number(tags, "churnops.f1_score_low"),
        "f1High": _number(tags, "churnops.f1_score_high"),
        "f1Oof": _number(tags, "churnops.f1_oof"),
        "threshold": _number(tags, "churnops.threshold"),
        "createdAt": created.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "parentRunId": tags.get("churnops.parent_run_id"),
        "inLatestSearch": str(version.version) in latest,
        "dataSha256": tags.get("churnops.data_sha256"),
        "reason": tags.get("churnops.reason"),
        "rolledBackAt": tags.get(ROLLED_BACK_TAG),
        "duplicateOf": tags.get(DUPLICATE_TAG),
        "unfinished": [entry["at"] for entry in moves if entry.get("state") == "intent"],
        "looks": [entry["evidence"] for entry in moves if entry.get("evidence") and entry.get("state") == "done"],
    }


def _number(tags: dict[str, str], name: str, otherwise: Any = lambda: None) -> float | None:
    try:
        return float(tags[name])
    except (KeyError, ValueError):
        return otherwise()


def _run_metric(client: MlflowClient, run_id: str | None, name: str) -> float | None:
    from mlflow.exceptions import MlflowException

    if not run_id:
        return None
    try:
        return client.get_run(run_id).data.metrics.get(name)
    except MlflowException:
        # The run may be deleted; then the version is simply not measured.
        return None
