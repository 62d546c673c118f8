"""The method ``prune.apply``: delete what a plan names, in an order that a kill cannot make wrong.

A version's row goes first, so that no version is ever without its files; then its files, then its run. What a kill
leaves between is found by the next pruning, for its run says that it was being pruned.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from churn_ops.artifacts import size_and_remove as artifacts
from churn_ops.contract import Pruned, PruneRequest, Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.process import crash_points, lifetime
from churn_ops.progress import Progress
from churn_ops.store import place as store_place
from churn_ops.store.connect import connect
from churn_ops.store.locks.store_lock import store_lock, training_lock
from churn_ops.store.pages import search_runs, search_versions
from churn_ops.upkeep import leftovers
from churn_ops.upkeep.prune import in_use
from churn_ops.upkeep.prune.in_use import Kept
from churn_ops.upkeep.prune.inventory import logged_models, model_id_of
from churn_ops.upkeep.prune.removal import Removal
from churn_ops.upkeep.store_state import StoreState, may_be_running


def apply(request: PruneRequest, progress: Progress) -> Pruned:
    """Delete versions with their files and runs, then leftovers.

    Raises
    ------
    ChurnOpsError
        ``BUSY`` when another writer holds the store for longer than the wait; what was deleted before stays deleted.
    """
    store = request["store"]
    store_place.require_original(store["trackingUri"])
    client = connect(store["trackingUri"], must_exist=True)
    return _Pruning(StoreState(client, store["trackingUri"], store["model"]), request, progress).carry_out()


class _Pruning:
    """One plan on the store as it is now."""

    def __init__(self, state: StoreState, request: PruneRequest, progress: Progress) -> None:
        self._state = state
        self._client = state.client
        self._request = request
        self._progress = progress
        self._removal = Removal(state.client)
        self._deleted: list[str] = []
        self._skipped: list[str] = []

    def carry_out(self) -> Pruned:
        request = self._request
        steps = [
            *((f"version {number}", self._version, number) for number in request["versions"]),
            *((f"model {model_id}", self._model, model_id) for model_id in request["models"]),
            *((f"search {run_id}", self._search, run_id) for run_id in request["searches"]),
            *((f"folder {path}", self._folder, path) for path in request["folders"]),
        ]
        for done, (what, step, subject) in enumerate(steps):
            lifetime.end_if_orphaned()
            self._progress("prune", done, len(steps), what)
            try:
                step(subject)
            except Kept as kept:
                self._skipped.append(f"{what} was left: {kept}")
        if steps:
            self._progress("prune", len(steps), len(steps), "done")
        return {"deleted": self._deleted, "freedBytes": self._removal.freed_bytes, "skipped": self._skipped}

    def _version(self, number: str) -> None:
        version = self._find(number)
        if version is None:
            return
        with self._held(version.tags.get(Tag.TRAINING, "")):
            # Another process may have moved or deleted it since the plan was made.
            version = self._find(number)
            if version is None:
                return
            in_use.check(self._client, version)
            # A double that came from one call made twice has the files of its original.
            model_id, shared = model_id_of(version), in_use.shares_files(self._client, version)
            if version.run_id and not shared:
                self._client.set_tag(version.run_id, Tag.PRUNED, _now())
            with crash_points.around("row"):
                self._client.delete_model_version(self._state.model, number)
            self._deleted.append(number)
            if not shared:
                self._removal.files(model_id, version.run_id)

    def _find(self, number: str) -> Any | None:
        from mlflow.exceptions import MlflowException

        try:
            return self._client.get_model_version(self._state.model, number)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise

    def _model(self, model_id: str) -> None:
        model = next((each for each in logged_models(self._state) if each.model_id == model_id), None)
        if model is None:
            return
        run = self._state.run(model.source_run_id) if model.source_run_id else None
        with self._held("" if run is None else run.data.tags.get(Tag.TRAINING, "")):
            if in_use.is_registered(self._client, model_id, model.source_run_id):
                raise Kept("a version uses it now")
            self._removal.files(model_id, model.source_run_id)

    def _search(self, run_id: str) -> None:
        run = self._state.run(run_id)
        if run is None:
            return
        with self._held(run.data.tags.get(Tag.TRAINING, "")):
            every = search_versions(self._client, "")
            if any(version.tags.get(Tag.PARENT_RUN_ID) == run_id for version in every):
                raise Kept("a version needs its rows")
            for child in self._runs(f"tags.`mlflow.parentRunId` = '{run_id}'"):
                self._removal.run(child.info.run_id)
            self._removal.run(run_id)

    def _folder(self, path: str) -> None:
        folder = Path(path)
        if folder not in leftovers.work_folders():
            return
        if not leftovers.is_free(folder):
            raise Kept("its training is running")
        with self._held(leftovers.training_of(folder) or ""):
            self._removal.freed_bytes += artifacts.folder_size(folder)
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def _held(self, training: str) -> Iterator[None]:
        # With both locks of it no training can take over a run or a file of this key meanwhile.
        address, wait = self._state.tracking_uri, self._request["waitSeconds"]
        with contextlib.ExitStack() as stack:
            if training:
                try:
                    stack.enter_context(training_lock(address, training, 0, lambda _text: None))
                except ChurnOpsError as error:
                    if error.code != "BUSY":
                        raise
                    raise Kept("its training is running, or another prune is deleting it") from error
            stack.enter_context(store_lock(address, "prune", wait, lambda text: self._progress("wait", 0, 0, text)))
            running = f"tags.`churnops.training` = '{training}' and attributes.status = 'RUNNING'"
            if training and any(may_be_running(run) for run in self._runs(running)):
                raise Kept("its training is running")
            yield

    def _runs(self, query: str) -> list[Any]:
        return search_runs(self._client, self._state.experiments, query)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
