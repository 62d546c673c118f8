"""Write one candidate to MLflow: run, metrics, model, files, version; in an order that a kill cannot spoil."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from mlflow import MlflowClient
from mlflow.entities import DatasetInput, LoggedModelOutput, LoggedModelStatus, Metric, Param, RunStatus

from churn_ops.artifacts import manifest
from churn_ops.contract import Tag
from churn_ops.process import crash_points, lifetime, owner
from churn_ops.store.locks import file_lock
from churn_ops.training.commit import create_once
from churn_ops.training.commit.model_folder import ModelFolders
from churn_ops.training.commit.place_files import place
from churn_ops.training.commit.version_tags import version_tags
from churn_ops.training.engine.events import Measured
from churn_ops.training.engine.plan import Settled
from churn_ops.versions import searches

SOURCE_TAGS = {"mlflow.source.type": "LOCAL", "mlflow.source.name": "churn-ops train"}


class Placed(TypedDict):
    """Where a candidate is in the store."""

    version: str
    runId: str


@dataclass
class Store:
    """Where the candidates of one search go.

    Attributes
    ----------
    client : mlflow.MlflowClient
        The open store.
    experiment_id : str
        The experiment of all runs.
    model : str
        Name of the registered model.
    parent_run_id : str
        The run that groups the search.
    folders : ModelFolders
        Completes model folders.
    dataset : DatasetInput
        The one dataset record of the search.
    tags : dict of str to str
        Tags that every candidate's run and version get.
    watched : bool
        No lock keeps other writers out, so duplicates are looked for.
    """

    client: MlflowClient
    experiment_id: str
    model: str
    parent_run_id: str
    folders: ModelFolders
    dataset: DatasetInput
    tags: dict[str, str]
    watched: bool
    running: set[str] = field(default_factory=set)

    def commit(
        self,
        candidate: Settled,
        measured: Measured,
        folder: Path,
        artifacts: Path,
        check_lock: file_lock.Check,
    ) -> Placed:
        """Make one run and one version.

        The run is FINISHED, with the manifest of its files as a tag, only when these are whole in the store; the
        version comes after it. Whatever a kill leaves before that is never referred to.

        Parameters
        ----------
        candidate : Settled
            What it is.
        measured : Measured
            What a helper said of it.
        folder : pathlib.Path
            Files of the model; moved or uploaded.
        artifacts : pathlib.Path
            Folder with the files of the run: confusion matrix and model card.
        check_lock : callable
            Raises when the lock of the store is not ours any more.
        """
        client = self.client
        metrics = {name: value for name, value in measured["metrics"].items() if value is not None}
        params = {name: str(value) for name, value in candidate["params"].items()}
        tags = {
            **self.tags,
            Tag.KEY: candidate["key"],
            Tag.THRESHOLD: repr(measured["threshold"]),
            Tag.HELD_METHOD: measured["heldMethod"],
            Tag.ESTIMATOR: candidate["estimator"],
            Tag.PARAMS: json.dumps(candidate["params"], sort_keys=True),
        }
        with crash_points.around("run"):
            run_id = self._create_run(candidate["name"], tags)
        self.running.add(run_id)
        with crash_points.around("model"):
            model = client.create_logged_model(
                self.experiment_id,
                name="model",
                source_run_id=run_id,
                params=params,
                tags={Tag.KEY: candidate["key"], Tag.OWNER: owner.current()},
                model_type="classifier",
            )
        self._log(run_id, model.model_id, params, {**metrics, "threshold": measured["threshold"]})
        self.folders.complete(folder, model.model_id, run_id, model.artifact_location, measured["types"])
        digest = manifest.write(folder)
        lifetime.end_if_orphaned()
        place(client, folder, model.model_id, model.artifact_location, digest)
        with crash_points.around("ready"):
            client.log_artifacts(run_id, str(artifacts))
            client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
            client.set_tag(run_id, Tag.MANIFEST, digest)
        with crash_points.around("finish"):
            client.set_terminated(run_id, RunStatus.to_string(RunStatus.FINISHED))
        self.running.discard(run_id)
        check_lock()
        with crash_points.around("register"):
            version = create_once.create_version(
                client,
                self.model,
                model.model_id,
                run_id,
                version_tags({**tags, Tag.MANIFEST: digest}, metrics),
                self.watched,
            )
        return {"version": version, "runId": run_id}

    def commit_failure(self, candidate: Settled, reason: str) -> str:
        """Record a candidate that could not be trained as a failed run without a version.

        Parameters
        ----------
        candidate : Settled
            What it is.
        reason : str
            What scikit-learn said.

        Returns
        -------
        str
            Id of the run.
        """
        tags = {**self.tags, Tag.ESTIMATOR: candidate["estimator"], Tag.FAILURE: reason}
        run_id = self._create_run(candidate["name"], tags)
        params = [Param(name, str(value)) for name, value in candidate["params"].items()]
        self.client.log_batch(run_id, params=params)
        self.client.set_terminated(run_id, RunStatus.to_string(RunStatus.FAILED))
        return run_id

    def close(self, members: list[str | None]) -> None:
        """End the search: from here on it counts as complete, with the candidates that have these keys."""
        with crash_points.around("close"):
            searches.write_members(self.client, self.parent_run_id, members)
            self.client.set_terminated(self.parent_run_id, RunStatus.to_string(RunStatus.FINISHED))

    def end_unfinished(self, status: str) -> None:
        """Give every run that is still open a final status, as far as the store lets us."""
        for run_id in [*self.running, self.parent_run_id]:
            # What stopped the training may stop this too; a later command then finds our runs without an owner.
            with contextlib.suppress(Exception):
                self.client.set_terminated(run_id, status)
        self.running.clear()

    def _create_run(self, name: str, tags: dict[str, str]) -> str:
        lifetime.end_if_orphaned()
        own = {Tag.OWNER: owner.current(), "mlflow.parentRunId": self.parent_run_id, **SOURCE_TAGS}
        return create_once.create_run(self.client, self.experiment_id, name, {**tags, **own})

    def _log(self, run_id: str, model_id: str, params: dict[str, str], metrics: dict[str, float]) -> None:
        now = int(time.time() * 1000)
        data = self.dataset.dataset
        about = {"model_id": model_id, "dataset_name": data.name, "dataset_digest": data.digest, "run_id": run_id}
        self.client.log_batch(
            run_id,
            metrics=[Metric(name, value, now, 0, **about) for name, value in metrics.items()],
            params=[Param(name, value) for name, value in params.items()],
        )
        self.client.log_inputs(run_id, datasets=[self.dataset])
        self.client.log_outputs(run_id, models=[LoggedModelOutput(model_id=model_id, step=0)])
