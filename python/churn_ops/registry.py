"""The model registry: read versions with their facts, write stages, aliases and tags."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from churn_ops import lifetime, tracking
from churn_ops.errors import ChurnOpsError
from churn_ops.wire import Progress

if TYPE_CHECKING:
    from mlflow import MlflowClient

CHAMPION = "champion"
PREVIOUS = "previous"
PRODUCTION = "Production"
MOVE_TAG = "churnops.move."


def versions(request: dict[str, Any], _progress: Progress) -> list[dict[str, Any]]:
    """List every version of a model, the oldest first.

    Parameters
    ----------
    request : dict
        ``store`` with ``trackingUri`` and ``model``.

    Returns
    -------
    list of dict
        ``ModelVersion`` of ``src/domain/model-version.ts``; empty when there is no such model.
    """
    store = request["store"]
    client = tracking.connect(store["trackingUri"], must_exist=True)
    return _read_versions(client, store["model"])


def journal(request: dict[str, Any], _progress: Progress) -> list[dict[str, Any]]:
    """Rebuild the journal of moves from the tags of the versions, the oldest move first."""
    store = request["store"]
    client = tracking.connect(store["trackingUri"], must_exist=True)
    return _read_moves(client, store["model"])


def apply(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Carry out a plan: alias first, then stages, so that a reader always finds a production model.

    Parameters
    ----------
    request : dict
        ``ApplyRequest`` of ``src/usecases/ports.ts``.

    Returns
    -------
    dict
        ``changed``, the number of versions that moved or got another alias, and ``journal``, the new entries.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` when another writer holds the store or has moved the champion since the plan was made.
    """
    store = request["store"]
    client = tracking.connect(store["trackingUri"], must_exist=True)
    with tracking.store_lock(
        store["trackingUri"], request["action"], request["waitSeconds"], lambda text: progress("wait", 0, 0, text)
    ):
        return _apply_locked(client, request, progress)


def _apply_locked(client: MlflowClient, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    model = request["store"]["model"]
    current = {version["version"]: version for version in _read_versions(client, model)}
    champion, previous = request["champion"], request["previous"]
    holder = next((number for number, version in current.items() if CHAMPION in version["aliases"]), None)
    _check_plan_is_current(request, current, holder)
    moves = [move for move in request["moves"] if _must_write(move, current[move["version"]])]
    changes_champion = champion is not None and champion != holder
    moved = {move["version"]: move for move in moves}
    if changes_champion and champion not in moved:
        moves.insert(0, _alias_move(request, champion, current[champion]))
    # The new champion first, then those that leave production, then the rest.
    moves.sort(key=lambda move: (move["version"] != champion, move["from"] != PRODUCTION, int(move["version"])))
    entries = []
    for done, move in enumerate(moves):
        lifetime.end_if_orphaned()
        progress("promote", done, len(moves), f"version {move['version']} to {move['to']}")
        is_champion = changes_champion and move["version"] == champion
        entries.append(_move(client, request, move, previous if is_champion else None, is_champion))
    if moves:
        progress("promote", len(moves), len(moves), "done")
    return {"changed": len(moves), "journal": entries}


def _move(
    client: MlflowClient, request: dict[str, Any], move: dict[str, Any], previous: str | None, is_champion: bool
) -> dict[str, Any]:
    model, version = request["store"]["model"], move["version"]
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "actor": request["actor"],
        "action": request["action"] if is_champion else "stage",
        "version": version,
        "previous": previous,
        "from": move["from"],
        "to": move["to"],
        "reason": move["reason"],
        "policy": request["policy"],
    }
    tag = f"{MOVE_TAG}{entry['at']}-{uuid.uuid4().hex[:8]}"
    if is_champion:
        client.set_model_version_tag(model, version, tag, json.dumps({**entry, "state": "intent"}))
        if previous is not None and previous != version:
            client.set_registered_model_alias(model, PREVIOUS, previous)
        client.set_registered_model_alias(model, CHAMPION, version)
    if move["from"] != move["to"]:
        client.transition_model_version_stage(model, version, move["to"], archive_existing_versions=False)
    client.set_model_version_tag(model, version, "churnops.reason", move["reason"])
    client.set_model_version_tag(model, version, tag, json.dumps({**entry, "state": "done"}))
    return entry


def _must_write(move: dict[str, Any], version: dict[str, Any]) -> bool:
    return version["stage"] != move["to"] or version["reason"] != move["reason"]


def _alias_move(request: dict[str, Any], champion: str, version: dict[str, Any]) -> dict[str, Any]:
    planned = next((move for move in request["moves"] if move["version"] == champion), None)
    reason = planned["reason"] if planned else (version["reason"] or "champion")
    return {"version": champion, "from": version["stage"], "to": PRODUCTION, "reason": reason}


def _check_plan_is_current(request: dict[str, Any], current: dict[str, Any], holder: str | None) -> None:
    gone = [move["version"] for move in request["moves"] if move["version"] not in current]
    elsewhere = [
        move["version"]
        for move in request["moves"]
        if move["version"] in current and current[move["version"]]["stage"] != move["from"]
    ]
    if not gone and not elsewhere and holder == request["holder"]:
        return
    raise ChurnOpsError(
        "BUSY",
        "Another process moved versions of this model since the plan was made; nothing was changed.",
        "Run the same command again.",
        {"gone": gone, "elsewhere": elsewhere, "champion": holder},
    )


def _read_versions(client: MlflowClient, model: str) -> list[dict[str, Any]]:
    found = tracking.search_versions(client, f"name = '{model}'")
    if not found:
        return []
    # A search of versions gives no aliases (mlflow#16734); the model has them all.
    aliases: dict[str, list[str]] = {}
    for alias, number in client.get_registered_model(model).aliases.items():
        aliases.setdefault(str(number), []).append(alias)
    found.sort(key=lambda version: int(version.version))
    return [_facts(client, version, sorted(aliases.get(str(version.version), []))) for version in found]


def _facts(client: MlflowClient, version: Any, aliases: list[str]) -> dict[str, Any]:
    tags = version.tags
    created = datetime.fromtimestamp(version.creation_timestamp / 1000, UTC)
    return {
        "version": str(version.version),
        "runId": version.run_id or None,
        "stage": version.current_stage or "None",
        "aliases": aliases,
        "f1": _number(tags, "churnops.f1_score", lambda: _run_metric(client, version.run_id, "f1_score")),
        "f1Low": _number(tags, "churnops.f1_score_low"),
        "f1High": _number(tags, "churnops.f1_score_high"),
        "f1Oof": _number(tags, "churnops.f1_oof"),
        "threshold": _number(tags, "churnops.threshold"),
        "createdAt": created.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "parentRunId": tags.get("churnops.parent_run_id"),
        "dataSha256": tags.get("churnops.data_sha256"),
        "reason": tags.get("churnops.reason"),
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


def _read_moves(client: MlflowClient, model: str) -> list[dict[str, Any]]:
    entries = []
    for version in tracking.search_versions(client, f"name = '{model}'"):
        for name, value in version.tags.items():
            if name.startswith(MOVE_TAG):
                entries.append(json.loads(value))
    return sorted(entries, key=lambda entry: entry["at"])
