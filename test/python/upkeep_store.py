"""Trainings in a real store, made by hand: runs, model files with manifests and versions, without fitting anything."""

import json
import sqlite3
from pathlib import Path

from mlflow.entities import LoggedModelOutput, LoggedModelStatus

from churn_ops.artifacts import manifest
from churn_ops.artifacts.fetch import local_path
from churn_ops.contract import Tag
from churn_ops.process import owner
from churn_ops.store.connect import connect

MODEL = "RandomForestGridSearch"
# A host that is not this one: whether its processes live cannot be known here.
ELSEWHERE = "elsewhere:boot:1:1"


class UpkeepStore:
    """A store whose trainings a test chooses.

    Attributes
    ----------
    client : mlflow.MlflowClient
        The open store.
    store : dict
        ``trackingUri`` and ``model``.
    """

    def __init__(self, folder: Path, artifacts: str | None = None, address: str | None = None) -> None:
        self.folder = folder
        self.database = folder / "mlflow.db"
        self.store = {"trackingUri": address or f"sqlite:///{self.database}", "model": MODEL}
        self.client = connect(self.store["trackingUri"])
        self.client.create_registered_model(MODEL)
        self.experiment = self.client.create_experiment(
            "customerchurn", artifact_location=artifacts or (folder / "runs").as_uri()
        )

    def parent(self, training: str, split_seed: int = 42, status: str = "FINISHED", began: str | None = None) -> str:
        """Make the run of a search with its data files."""
        tags = {"churnops.training": training, "churnops.split_seed": str(split_seed), "churnops.split": "random"}
        run = self.client.create_run(self.experiment, tags={**tags, Tag.OWNER: began or owner.current()}).info.run_id
        for side in ("reference", "held_out", "sides"):
            path = self.folder / f"{side}.parquet"
            path.write_bytes(b"rows" * 100)
            self.client.log_artifact(run, str(path), "data")
        if status != "RUNNING":
            self.client.set_terminated(run, status)
        return run

    def candidate(self, parent: str, name: str, upto: str = "version", began: str | None = None) -> dict[str, str]:
        """Make one candidate of a search, as far as a training got.

        Parameters
        ----------
        parent : str
            Run of the search.
        name : str
            Makes its key.
        upto : str
            ``pending`` leaves files and a running run, ``finished`` a finished run, ``version`` a version.
        began : str or None
            Owner of the run; None for this process.
        """
        search = self.client.get_run(parent).data.tags
        shared = {tag: value for tag, value in search.items() if tag.startswith("churnops.") and tag != Tag.OWNER}
        tags = {**shared, "churnops.key": f"key-{name}", "churnops.parent_run_id": parent}
        run = self.client.create_run(
            self.experiment, tags={**tags, Tag.OWNER: began or owner.current(), "mlflow.parentRunId": parent}
        ).info.run_id
        made = self.client.create_logged_model(
            self.experiment, name="model", source_run_id=run, tags={"churnops.key": f"key-{name}"}
        )
        self.client.log_outputs(run, models=[LoggedModelOutput(model_id=made.model_id, step=0)])
        files = local_path(made.artifact_location) or self.folder / "uploaded" / made.model_id
        files.mkdir(parents=True)
        (files / "MLmodel").write_text("flavors: {}\n")
        (files / "model.skops").write_bytes(name.encode() * 1000)
        found = {"run": run, "modelId": made.model_id, "files": str(files)}
        if upto == "pending":
            return found
        digest = manifest.write(files)
        if local_path(made.artifact_location) is None:
            self.client.log_model_artifacts(made.model_id, str(files))
        self.client.log_text(run, "picture", "confusion_matrix.png")
        self.client.finalize_logged_model(made.model_id, LoggedModelStatus.READY)
        self.client.set_tag(run, Tag.MANIFEST, digest)
        self.client.set_terminated(run, "FINISHED")
        if upto == "finished":
            return found
        version = self.client.create_model_version(
            MODEL, f"models:/{made.model_id}", run, tags={**tags, Tag.MANIFEST: digest}, model_id=made.model_id
        )
        return {**found, "version": str(version.version)}

    def training(self, name: str, versions: int = 2, split_seed: int = 42) -> list[dict[str, str]]:
        """Make a finished training."""
        parent = self.parent(name * 64, split_seed)
        return [{**self.candidate(parent, f"{name}{place}"), "parent": parent} for place in range(versions)]

    def promote(self, version: str, previous: str | None = None, at: str = "2026-01-01T00:00:00.000Z") -> None:
        """Put a version into production with all that belongs to it."""
        entry = {
            "at": at,
            "actor": "somebody",
            "action": "promote",
            "model": MODEL,
            "version": version,
            "previous": previous,
            "from": "None",
            "to": "Production",
            "reason": "best",
            "policy": "documents",
            "state": "done",
        }
        if previous is not None:
            self.client.set_registered_model_alias(MODEL, "previous", previous)
            self.client.transition_model_version_stage(MODEL, previous, "Archived")
        self.client.set_registered_model_alias(MODEL, "champion", version)
        self.client.transition_model_version_stage(MODEL, version, "Production")
        self.client.set_model_version_tag(MODEL, version, f"churnops.move.{at}", json.dumps(entry))

    def versions(self) -> list[str]:
        """Numbers of the versions that are left, ascending."""
        found = self.client.search_model_versions(f"name = '{MODEL}'")
        return sorted((str(version.version) for version in found), key=int)

    def dump(self) -> str:
        """Everything in the database, as SQL."""
        with sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True) as connection:
            return "\n".join(connection.iterdump())


def dead_owner() -> str:
    """Owner tag of a process of this boot that is not there any more."""
    host, boot, _pid, _start = owner.current().split(":")
    return f"{host}:{boot}:1:0"
