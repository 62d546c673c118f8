"""Read versions with the facts that decisions need, and the journal that their tags hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from churn_ops.contract import JournalEntry, ModelVersion, Stage, Stages, StoreRequest, Tag, VersionsRequest
from churn_ops.progress import Progress
from churn_ops.store import place as store_place
from churn_ops.store.pages import search_versions
from churn_ops.store.registry_reader import RegistryClient, open_without_mlflow
from churn_ops.versions import searches
from churn_ops.versions.moves import moves_of


def versions(request: VersionsRequest, _progress: Progress) -> list[ModelVersion]:
    """List every version of a model, the oldest first."""
    store = request["store"]
    if request.get("toAct"):
        store_place.require_here(store["trackingUri"])
    client = open_without_mlflow(store["trackingUri"])
    return read_versions(client, store["model"])


def journal(request: StoreRequest, _progress: Progress) -> list[JournalEntry]:
    """Rebuild the journal of moves from the tags of the versions, the oldest move first."""
    store = request["store"]
    client = open_without_mlflow(store["trackingUri"])
    entries = [
        entry
        for version in search_versions(client, f"name = '{store['model']}'")
        for entry in moves_of(version.tags).values()
    ]
    return sorted(entries, key=lambda entry: entry["at"])


def read_versions(client: RegistryClient, model: str) -> list[ModelVersion]:
    """Give the facts of every version, the oldest first."""
    return [facts for facts, _ in read_tagged(client, model)]


def read_tagged(client: RegistryClient, model: str) -> list[tuple[ModelVersion, dict[str, str]]]:
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


def _facts(client: RegistryClient, version: Any, aliases: list[str], latest: set[str]) -> ModelVersion:
    tags = version.tags
    created = datetime.fromtimestamp(version.creation_timestamp / 1000, UTC)
    moves = sorted(moves_of(tags).values(), key=lambda entry: entry["at"])
    staged = [entry["to"] for entry in moves if entry.get("state") == "done" and entry.get("action") != "gate"]
    return {
        "version": str(version.version),
        "runId": version.run_id or None,
        "stage": cast(Stage, version.current_stage or Stages.NONE),
        "recordedStage": cast(Stage, staged[-1]) if staged else None,
        "aliases": aliases,
        "f1": _number(tags, Tag.F1, lambda: _run_metric(client, version.run_id, "f1_score")),
        "f1Low": _number(tags, Tag.F1_LOW),
        "f1High": _number(tags, Tag.F1_HIGH),
        "f1Oof": _number(tags, Tag.F1_OOF),
        "threshold": _number(tags, Tag.THRESHOLD),
        "createdAt": created.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "parentRunId": tags.get(Tag.PARENT_RUN_ID),
        "inLatestSearch": str(version.version) in latest,
        "dataSha256": tags.get(Tag.DATA_SHA256),
        "manifestSha256": tags.get(Tag.MANIFEST),
        "reason": tags.get(Tag.REASON),
        "rolledBackAt": tags.get(Tag.ROLLED_BACK),
        "duplicateOf": tags.get(Tag.DUPLICATE_OF),
        "unfinished": [entry["at"] for entry in moves if entry.get("state") == "intent"],
        "looks": [
            evidence
            for entry in moves
            if entry.get("state") == "done" and (evidence := entry.get("evidence")) is not None
        ],
    }


def _number(tags: dict[str, str], name: str, otherwise: Any = lambda: None) -> float | None:
    try:
        return float(tags[name])
    except (KeyError, ValueError):
        return otherwise()


def _run_metric(client: RegistryClient, run_id: str | None, name: str) -> float | None:
    if not run_id:
        return None
    # The run may be deleted; then the version is simply not measured.
    run = searches.run_if_there(client, run_id)
    return None if run is None else run.data.metrics.get(name)
