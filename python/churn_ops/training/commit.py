"""Write one candidate to MLflow: run, metrics, model, files, version."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import (
    DatasetInput,
    LoggedModelOutput,
    LoggedModelStatus,
    Metric,
    Param,
    RunStatus,
    RunTag,
)
from mlflow.exceptions import MlflowException

from churn_ops import lifetime
from churn_ops.tracking import local_path
from churn_ops.training.model_folder import ModelFolders

_SOURCE = {"mlflow.source.type": "LOCAL", "mlflow.source.name": "churn-ops train"}


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
    """

    client: MlflowClient
    experiment_id: str
    model: str
    parent_run_id: str
    folders: ModelFolders
    dataset: DatasetInput
    tags: dict[str, str]
    running: set[str] = field(default_factory=set)

    def commit(
        self, candidate: dict[str, Any], measured: dict[str, Any], folder: Path, artifacts: Path
    ) -> dict[str, str]:
        """Make one run and one version.

        Parameters
        ----------
        candidate : dict
            ``name``, ``params`` and ``key``.
        measured : dict
            ``threshold``, ``metrics`` and ``heldMethod`` from a worker.
        folder : pathlib.Path
            Files of the model; moved or uploaded.
        artifacts : pathlib.Path
            Folder with the files of the run: confusion matrix and model card.

        Returns
        -------
        dict
            ``version`` and ``runId``.
        """
        lifetime.end_if_orphaned()
        metrics = {name: value for name, value in measured["metrics"].items() if value is not None}
        tags = {
            **self.tags,
            "churnops.key": candidate["key"],
            "churnops.threshold": repr(measured["threshold"]),
            "churnops.held_method": measured["heldMethod"],
            "churnops.estimator": candidate["estimator"],
            "churnops.params": json.dumps(candidate["params"], sort_keys=True),
        }
        run = self.client.create_run(
            self.experiment_id,
            run_name=candidate["name"],
            tags={**tags, "mlflow.parentRunId": self.parent_run_id, **_SOURCE},
        )
        run_id = run.info.run_id
        self.running.add(run_id)
        params = {name: str(value) for name, value in candidate["params"].items()}
        model = self.client.create_logged_model(
            self.experiment_id,
            name="model",
            source_run_id=run_id,
            params=params,
            tags={"churnops.key": candidate["key"]},
            model_type="classifier",
        )
        self._log(run_id, model.model_id, params, {**metrics, "threshold": measured["threshold"]})
        self.folders.complete(folder, model.model_id, run_id, model.artifact_location, measured["types"])
        self._place(folder, model.model_id, model.artifact_location)
        self.client.log_artifacts(run_id, str(artifacts))
        self.client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
        version = self._register(model.model_id, run_id, {**tags, **_version_metrics(metrics)})
        self.client.set_terminated(run_id, RunStatus.to_string(RunStatus.FINISHED))
        self.running.discard(run_id)
        return {"version": str(version), "runId": run_id}

    def commit_failure(self, candidate: dict[str, Any], reason: str) -> str:
        """Record a candidate that could not be trained as a failed run without a version.

        Parameters
        ----------
        candidate : dict
            ``name``, ``estimator``, ``params`` and ``key``.
        reason : str
            What scikit-learn said.

        Returns
        -------
        str
            Id of the run.
        """
        tags = {**self.tags, "churnops.estimator": candidate["estimator"], "churnops.failure": reason}
        run = self.client.create_run(
            self.experiment_id,
            run_name=candidate["name"],
            tags={**tags, "mlflow.parentRunId": self.parent_run_id, **_SOURCE},
        )
        params = [Param(name, str(value)) for name, value in candidate["params"].items()]
        self.client.log_batch(run.info.run_id, params=params)
        self.client.set_terminated(run.info.run_id, RunStatus.to_string(RunStatus.FAILED))
        return run.info.run_id

    def end_unfinished(self, status: str) -> None:
        """Give every run that is still open a final status."""
        for run_id in [*self.running, self.parent_run_id]:
            self.client.set_terminated(run_id, status)
        self.running.clear()

    def _log(self, run_id: str, model_id: str, params: dict[str, str], metrics: dict[str, float]) -> None:
        now = int(time.time() * 1000)
        dataset = self.dataset.dataset
        self.client.log_batch(
            run_id,
            metrics=[
                Metric(
                    name,
                    value,
                    now,
                    0,
                    model_id=model_id,
                    dataset_name=dataset.name,
                    dataset_digest=dataset.digest,
                    run_id=run_id,
                )
                for name, value in metrics.items()
            ],
            params=[Param(name, value) for name, value in params.items()],
        )
        self.client.log_inputs(run_id, datasets=[self.dataset])
        self.client.log_outputs(run_id, models=[LoggedModelOutput(model_id=model_id, step=0)])

    def _place(self, folder: Path, model_id: str, location: str) -> None:
        destination = local_path(location)
        if destination is None:
            self.client.log_model_artifacts(model_id, str(folder))
            return
        destination.parent.mkdir(parents=True, exist_ok=True)
        try:
            # A rename is all or nothing; the version that will name this folder does not exist yet.
            os.rename(folder, destination)
        except OSError:
            shutil.copytree(folder, destination, dirs_exist_ok=True)

    def _register(self, model_id: str, run_id: str, tags: dict[str, str]) -> str:
        source = f"models:/{model_id}"
        version = self.client.create_model_version(
            self.model, source, run_id=run_id, tags=tags, model_id=model_id, await_creation_for=None
        )
        return version.version


def start_parent(
    client: MlflowClient, experiment_id: str, name: str, dataset: DatasetInput, tags: dict[str, str]
) -> str:
    """Make the run that groups a search.

    Returns
    -------
    str
        Its id.
    """
    run = client.create_run(experiment_id, run_name=name, tags={**tags, **_SOURCE})
    client.log_inputs(run.info.run_id, datasets=[dataset])
    return run.info.run_id


def ensure_registered_model(client: MlflowClient, name: str) -> None:
    """Create the registered model when it is not there."""
    try:
        client.create_registered_model(
            name,
            tags={"churnops.model": "true"},
            description="Customer-churn model, trained and promoted by churn-ops.",
        )
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def set_run_tags(client: MlflowClient, run_id: str, tags: dict[str, str]) -> None:
    """Set several tags of a run in one call."""
    client.log_batch(run_id, tags=[RunTag(name, value) for name, value in tags.items()])


def _version_metrics(metrics: dict[str, float]) -> dict[str, str]:
    # The registry has no metrics of its own: these spare readers one look-up of a run for each version.
    names = ("f1_score", "f1_oof", "f1_score_low", "f1_score_high")
    return {f"churnops.{name}": repr(metrics[name]) for name in names if name in metrics}
