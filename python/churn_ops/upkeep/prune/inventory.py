"""The method ``prune.inventory``: what there is to keep or delete, and the facts that the decision needs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from churn_ops.artifacts import size_and_remove as artifacts
from churn_ops.contract import Inventory, OrphanedModel, SearchRun, StoreRequest, Tag, VersionFacts, WorkFolder
from churn_ops.progress import Progress
from churn_ops.store import place as store_place
from churn_ops.store.connect import connect
from churn_ops.store.pages import every, search_versions
from churn_ops.store.state_folder import state_folder
from churn_ops.upkeep import leftovers
from churn_ops.upkeep.store_state import DAY_SECONDS, StoreState, may_be_running


def inventory(request: StoreRequest, progress: Progress) -> Inventory:
    """List versions, leftovers and their sizes; changes nothing."""
    store = request["store"]
    store_place.require_original(store["trackingUri"])
    client = connect(store["trackingUri"], must_exist=True)
    return _Facts(StoreState(client, store["trackingUri"], store["model"])).facts(progress)


class _Facts:
    """The facts about one model's versions and what trainings left.

    Parameters
    ----------
    state : StoreState
        The store.
    """

    def __init__(self, state: StoreState) -> None:
        self._state = state
        self._every = search_versions(state.client, "")
        self._used_runs = {version.run_id for version in self._every if version.run_id}
        self._used_models = {model_id_of(version) for version in self._every} - {None}
        self._models = logged_models(state)
        self._location = {model.model_id: model.artifact_location for model in self._models}
        self._busy = busy_trainings(state)
        self._latest = _latest_search(state)

    def facts(self, progress: Progress) -> Inventory:
        """Collect everything."""
        versions = []
        for done, version in enumerate(self._state.versions):
            progress("prune", done, len(self._state.versions), f"version {version.version}")
            versions.append(self._version(version))
        return {
            "versions": versions,
            "models": [
                self._model(model)
                for model in self._models
                if model.model_id not in self._used_models and model.source_run_id not in self._used_runs
            ],
            "searches": [
                self._search(run)
                for run in self._state.runs
                if Tag.KEY not in run.data.tags and "mlflow.parentRunId" not in run.data.tags
            ],
            "folders": [_folder(path) for path in leftovers.work_folders()],
        }

    def _version(self, version: Any) -> VersionFacts:
        tags = version.tags
        run = self._state.run(version.run_id) if version.run_id else None
        location = self._location.get(model_id_of(version) or "")
        held = artifacts.size(location) if location else 0
        return {
            "version": str(version.version),
            "made": Tag.KEY in tags,
            "search": tags.get(Tag.PARENT_RUN_ID),
            # No training takes sides over from one by time.
            "split": None
            if tags.get(Tag.SPLIT) == "time"
            else f"{tags.get('churnops.split')} {tags.get('churnops.split_seed')}",
            "bytes": held + (artifacts.size(run.info.artifact_uri) if run is not None else 0),
            "usedBy": self._used_by(version),
            "servedBy": served_by(self._state.model, str(version.version)),
            "busy": tags.get(Tag.TRAINING) in self._busy,
        }

    def _used_by(self, version: Any) -> str | None:
        for other in self._every:
            is_other = (other.name, other.version) != (version.name, version.version)
            if is_other and uses_same_files(version, other):
                return f"{other.name} version {other.version}"
        return None

    def _model(self, model: Any) -> OrphanedModel:
        run = self._state.run(model.source_run_id) if model.source_run_id else None
        tags = {} if run is None else run.data.tags
        status = "gone" if run is None or run.info.lifecycle_stage == "deleted" else run.info.status
        works = run is not None and may_be_running(run)
        size = artifacts.size(model.artifact_location)
        return {
            "id": model.model_id,
            "status": status,
            "whole": status == "FINISHED" and Tag.MANIFEST in tags,
            "pruned": Tag.PRUNED in tags,
            "busy": works or tags.get(Tag.TRAINING) in self._busy,
            "ageDays": _age_days(model.last_updated_timestamp),
            "bytes": size + (0 if run is None else artifacts.size(run.info.artifact_uri)),
        }

    def _search(self, run: Any) -> SearchRun:
        run_id = run.info.run_id
        waiting = any(
            child.info.run_id not in self._used_runs and Tag.MANIFEST in child.data.tags
            for child in self._state.runs
            if child.data.tags.get(Tag.PARENT_RUN_ID) == run_id
        )
        return {
            "id": run_id,
            "versions": [
                f"{version.name} {version.version}"
                for version in self._every
                if version.tags.get(Tag.PARENT_RUN_ID) == run_id
            ],
            "waiting": waiting,
            "latest": run_id == self._latest,
            "pruned": Tag.PRUNED in run.data.tags,
            "busy": run.data.tags[Tag.TRAINING] in self._busy,
            "ageDays": _age_days(run.info.end_time or run.info.start_time),
            "bytes": artifacts.size(run.info.artifact_uri),
        }


def _latest_search(state: StoreState) -> str | None:
    if not state.versions:
        return None
    return state.client.get_registered_model(state.model).tags.get(Tag.LATEST_SEARCH)


def busy_trainings(state: StoreState) -> set[str]:
    """Keys of the trainings that run now, or may run on a machine that cannot be asked."""
    busy = {run.data.tags[Tag.TRAINING] for run in state.runs if may_be_running(run)}
    held = leftovers.held_training_locks()
    return busy | {run.data.tags[Tag.TRAINING] for run in state.runs if run.data.tags[Tag.TRAINING][:16] in held}


def logged_models(state: StoreState) -> list[Any]:
    """Every logged model of ours that is not deleted."""
    return [model for model in every(state.client.search_logged_models, state.experiments) if Tag.KEY in model.tags]


def model_id_of(version: Any) -> str | None:
    """Id of the logged model that a version is made of; None for a version of another kind."""
    if version.model_id:
        return str(version.model_id)
    name = version.source.removeprefix("models:/") if version.source and version.source.startswith("models:/") else ""
    return name if name and "/" not in name else None


def uses_same_files(version: Any, other: Any) -> bool:
    """Tell whether another version, of this or another model, would lose its files with those of a version."""
    same_model = model_id_of(other) is not None and model_id_of(other) == model_id_of(version)
    same_run = bool(version.run_id) and other.run_id == version.run_id
    return same_model or same_run or other.source in (f"models:/{version.name}/{version.version}", version.source)


def served_by(model: str, version: str) -> int | None:
    """Process that serves a version on this machine; None when none does."""
    for path in sorted(state_folder().glob("serve-*.json")):
        try:
            record = json.loads(path.read_text())
            if (record["model"], record["version"]) == (model, version) and leftovers.lives(int(record["pid"])):
                return int(record["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def _folder(path: Path) -> WorkFolder:
    return {
        "id": str(path),
        "busy": not leftovers.is_free(path),
        "ageDays": leftovers.age_seconds(path) / DAY_SECONDS,
        "bytes": artifacts.folder_size(path),
    }


def _age_days(milliseconds: int | None) -> float:
    return max(0.0, time.time() - (milliseconds or 0) / 1000) / DAY_SECONDS
