"""Carry out a plan: aliases, stages and tags, in an order that never leaves a reader without a production model."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from churn_ops import lifetime, store_address, tracking
from churn_ops.errors import ChurnOpsError
from churn_ops.registry import card
from churn_ops.registry.versions import (
    CHALLENGER,
    CHAMPION,
    MOVE_TAG,
    PREVIOUS,
    PRODUCTION,
    ROLLED_BACK_TAG,
    moves_of,
    read_versions,
)
from churn_ops.wire import Progress

if TYPE_CHECKING:
    from mlflow import MlflowClient


def apply(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Carry out a plan: alias first, then stages, so that a reader always finds a production model.

    Parameters
    ----------
    request : dict
        ``ApplyRequest`` of ``src/usecases/ports.ts``.

    Returns
    -------
    dict
        ``changed``, the number of versions that were written to, and ``journal``, the new entries.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` when another writer holds the store or has moved the champion since the plan was made;
        ``NOT_WRITABLE`` when the store is read-only.
    """
    store = request["store"]
    client = tracking.connect(store["trackingUri"], must_exist=True)
    _check_writable(store["trackingUri"])
    with tracking.store_lock(
        store["trackingUri"], request["action"], request["waitSeconds"], lambda text: progress("wait", 0, 0, text)
    ):
        return _Plan(client, request).carry_out(progress)


class _Plan:
    """One plan on the registry as it is under the lock."""

    def __init__(self, client: MlflowClient, request: dict[str, Any]) -> None:
        self._client = client
        self._request = request
        self._model = request["store"]["model"]
        self._written: set[str] = set()
        self._journal: list[dict[str, Any]] = []

    def carry_out(self, progress: Progress) -> dict[str, Any]:
        request = self._request
        current = {version["version"]: version for version in read_versions(self._client, self._model)}
        champion = request["champion"]
        holder = next((number for number, version in current.items() if CHAMPION in version["aliases"]), None)
        _check_plan_is_current(request, current, holder)
        moves = [move for move in request["moves"] if _must_write(move, current[move["version"]])]
        changes_champion = champion is not None and champion != holder
        if changes_champion and champion not in {move["version"] for move in moves}:
            moves.insert(0, _alias_move(request, champion, current[champion]))
        # The new champion first, then those that leave production, then the rest.
        moves.sort(key=lambda move: (move["version"] != champion, move["from"] != PRODUCTION, int(move["version"])))
        for done, move in enumerate(moves):
            lifetime.end_if_orphaned()
            progress("promote", done, len(moves), f"version {move['version']} to {move['to']}")
            self._move(move, changes_champion and move["version"] == champion)
        self._look(request.get("look"), current)
        self._mark_rolled_back(request.get("rolledBack"), current)
        self._name_challenger(current)
        self._finish_intents(current, champion)
        if moves:
            progress("promote", len(moves), len(moves), "done")
        return {"changed": len(self._written), "journal": self._journal}

    def _move(self, move: dict[str, Any], is_champion: bool) -> None:
        request, version = self._request, move["version"]
        previous = request["previous"] if is_champion else None
        entry = self._entry(request["action"] if is_champion else "stage", move, previous)
        if is_champion:
            entry["evidence"] = request.get("evidence")
        tag = _tag_of(entry)
        if is_champion:
            self._tag(version, tag, json.dumps({**entry, "state": "intent"}))
            if previous is not None and previous != version:
                self._client.set_registered_model_alias(self._model, PREVIOUS, previous)
            self._client.set_registered_model_alias(self._model, CHAMPION, version)
        if move["from"] != move["to"]:
            self._client.transition_model_version_stage(
                self._model, version, move["to"], archive_existing_versions=False
            )
        self._tag(version, "churnops.reason", move["reason"])
        if is_champion and entry["evidence"] is not None:
            card.write(self._client, self._model, version, entry)
        self._tag(version, tag, json.dumps({**entry, "state": "done"}))
        self._journal.append(entry)

    def _look(self, look: dict[str, Any] | None, current: dict[str, Any]) -> None:
        # A challenger that did not win keeps the evidence of its look.
        if look is None or look["version"] not in current:
            return
        version = look["version"]
        planned = {move["version"]: move["to"] for move in self._request["moves"]}
        stage = planned.get(version, current[version]["stage"])
        entry = self._entry("gate", {"version": version, "from": stage, "to": stage, "reason": look["reason"]}, None)
        entry["evidence"] = self._request.get("evidence")
        card.write(self._client, self._model, version, entry)
        self._tag(version, _tag_of(entry), json.dumps({**entry, "state": "done"}))
        self._journal.append(entry)

    def _mark_rolled_back(self, marks: dict[str, list[str]] | None, current: dict[str, Any]) -> None:
        for version in (marks or {}).get("set", []):
            if version in current:
                self._tag(version, ROLLED_BACK_TAG, _now())
        for version in (marks or {}).get("clear", []):
            if version in current and current[version]["rolledBackAt"] is not None:
                self._client.delete_model_version_tag(self._model, version, ROLLED_BACK_TAG)
                self._written.add(version)

    def _name_challenger(self, current: dict[str, Any]) -> None:
        if "challenger" not in self._request:
            return
        wanted = self._request["challenger"]
        named = next((number for number, version in current.items() if CHALLENGER in version["aliases"]), None)
        if wanted == named:
            return
        if wanted is None:
            self._client.delete_registered_model_alias(self._model, CHALLENGER)
        else:
            self._client.set_registered_model_alias(self._model, CHALLENGER, wanted)
        self._written.add(wanted or named or "")

    def _finish_intents(self, current: dict[str, Any], champion: str | None) -> None:
        # A writer that was killed left an intent: the alias tells whether its move took place.
        for number, version in current.items():
            if not version["unfinished"]:
                continue
            tags = self._client.get_model_version(self._model, number).tags
            for tag, entry in moves_of(tags).items():
                if entry.get("state") == "intent":
                    state = "done" if number == champion else "abandoned"
                    self._tag(number, tag, json.dumps({**entry, "state": state}))
                    self._journal.append({**entry, "state": state})

    def _tag(self, version: str, name: str, value: str) -> None:
        self._client.set_model_version_tag(self._model, version, name, value)
        self._written.add(version)

    def _entry(self, action: str, move: dict[str, Any], previous: str | None) -> dict[str, Any]:
        request = self._request
        return {
            "at": _now(),
            "actor": request["actor"],
            "action": action,
            "model": self._model,
            "version": move["version"],
            "previous": previous,
            "from": move["from"],
            "to": move["to"],
            "reason": move["reason"],
            "policy": request["policy"],
            "policySha256": _policy_hash(request.get("policyRules")),
            "evidence": None,
        }


def _tag_of(entry: dict[str, Any]) -> str:
    return f"{MOVE_TAG}{entry['at']}-{uuid.uuid4().hex[:8]}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _policy_hash(rules: dict[str, Any] | None) -> str | None:
    if rules is None:
        return None
    text = json.dumps(rules, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _must_write(move: dict[str, Any], version: dict[str, Any]) -> bool:
    return version["stage"] != move["to"] or version["reason"] != move["reason"]


def _alias_move(request: dict[str, Any], champion: str, version: dict[str, Any]) -> dict[str, Any]:
    planned = next((move for move in request["moves"] if move["version"] == champion), None)
    reason = planned["reason"] if planned else (version["reason"] or "champion")
    return {"version": champion, "from": version["stage"], "to": PRODUCTION, "reason": reason}


def _check_writable(tracking_uri: str) -> None:
    database = store_address.sqlite_file(tracking_uri)
    # SQLite writes its rollback journal beside the file.
    if database is None or (os.access(database, os.W_OK) and os.access(database.parent, os.W_OK)):
        return
    raise ChurnOpsError(
        "NOT_WRITABLE",
        f"The store {database} is read-only; the registry was not changed.",
        "Give yourself the right to write to the file and its folder, then run the same command again.",
        {"path": str(database)},
    )


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
