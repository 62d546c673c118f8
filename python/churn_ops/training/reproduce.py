"""The method ``reproduce``: train one version again from what was recorded, and say what differs."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from churn_ops.artifacts.fetch import download
from churn_ops.contract import Compared, Difference, EstimatorName, Reproduction, ReproductionRequest, Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.process.cores import cores
from churn_ops.progress import Progress
from churn_ops.store.connect import connect
from churn_ops.store.state_folder import state_folder
from churn_ops.table.read_table import Table, model_columns, read_table
from churn_ops.training.differences import (
    differences_of_metrics,
    differences_of_predictions,
    differences_of_surroundings,
)
from churn_ops.training.engine.events import Group, Settings
from churn_ops.training.evidence.stored_version import StoredVersion, read_version
from churn_ops.training.fit.split import split_rows
from churn_ops.versions.rows import read_rows, rows_of, write_rows
from churn_ops.versions.stored import Side

if TYPE_CHECKING:
    from mlflow import MlflowClient


def reproduce(request: ReproductionRequest, progress: Progress) -> Reproduction:
    """Train a version's candidate again; registers and logs nothing.

    Raises
    ------
    ChurnOpsError
        ``DATA_UNREADABLE`` or ``DATA_CHANGED`` when the data is gone or not the recorded one; of the version and store.
    """
    from churn_ops.training.commit.model_folder import work_folder
    from churn_ops.training.engine.job import Job
    from churn_ops.training.engine.run_task import run_task

    store = request["store"]
    client = connect(store["trackingUri"], must_exist=True)
    recorded = read_version(client, store["model"], request["version"])
    progress("reproduce", 0, 0, f"reading the data of version {recorded.number}")
    table = _read_data(recorded, request["data"])
    work = work_folder(state_folder())
    try:
        differences = _write_sides(client, recorded, table, work)
        progress("reproduce", 0, 0, f"fitting {recorded.name} again")
        (event,) = run_task(Job.load(_settings(recorded, work)), _task(recorded))
        if event["event"] == "halt":
            raise OSError(event["errno"], os.strerror(event["errno"]))
        if event["event"] == "failed":
            differences.append({"what": "fit", "recorded": "done", "now": event["reason"]})
            compared: Compared = {"metrics": 0, "predictions": 0}
        elif event["event"] == "candidate":
            now = {**event["metrics"], "threshold": event["threshold"]}
            differences += differences_of_metrics(recorded.metrics, now)
            found, predictions = differences_of_predictions(recorded, work / "candidate-0" / "predictions")
            differences += found
            compared = {"metrics": len(recorded.metrics), "predictions": predictions}
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return {
        "version": recorded.number,
        "runId": recorded.run_id,
        "equal": not differences,
        "compared": compared,
        "differences": differences,
        "surroundings": differences_of_surroundings(recorded, request),
    }


def _task(recorded: StoredVersion) -> Group:
    estimator = cast(EstimatorName, recorded.tags[Tag.ESTIMATOR])
    return {
        "id": recorded.number,
        "kind": "group",
        "estimator": estimator,
        "candidates": [{"index": 0, "params": recorded.params}],
    }


def _settings(recorded: StoredVersion, work: Path) -> Settings:
    training = recorded.training
    return {
        "schema": training["schema"],
        "seed": training["seed"],
        "threshold": training["threshold"],
        "calibrate": training["calibrate"],
        "model": recorded.model,
        "names": [recorded.name],
        "folds": training["search"]["folds"],
        "folder": str(work),
        "jobs": cores(),
    }


def _read_data(recorded: StoredVersion, elsewhere: str | None) -> Table:
    dataset = recorded.training["dataset"]
    path = Path(elsewhere or dataset["path"])
    named = dataset.get("source") or dataset["path"]
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ChurnOpsError(
            "DATA_UNREADABLE",
            f"The data of version {recorded.number} cannot be read: {named if elsewhere is None else path}. "
            "Nothing was trained.",
            f"Bring it back, or say where it is: churn-ops reproduce {recorded.number} --data FILE.",
            {"path": str(path), "sha256": dataset["sha256"]},
        ) from error
    if found != dataset["sha256"]:
        raise ChurnOpsError(
            "DATA_CHANGED",
            f"{path} is not the data that version {recorded.number} was trained on: its SHA-256 is {found[:12]}…, "
            f"recorded is {dataset['sha256'][:12]}…. Nothing was trained.",
            f"Bring that file back, or say where it is: churn-ops reproduce {recorded.number} --data FILE.",
            {"path": str(path), "recorded": dataset["sha256"], "now": found},
        )
    training = recorded.training
    return read_table(str(path), found, dataset["rows"], training["invalidRecords"], training["schema"])


def _write_sides(client: MlflowClient, recorded: StoredVersion, table: Table, work: Path) -> list[Difference]:
    from churn_ops.training.fit.sides import SIDES_FILE

    training = recorded.training
    # Sides of customers that earlier trainings had seen cannot be computed again; they were stored with this one.
    sides = pd.read_parquet(download(client, recorded.parent_run_id, f"data/{SIDES_FILE}"))
    known = dict(zip(sides["customer"].tolist(), sides["side"].tolist(), strict=True))
    # Before times were recorded, a split by time gave every customer a side, as the others do.
    kind = "id" if training["split"] == "time" and "times" not in training else training["split"]
    train, test = split_rows(kind, table.customers, training["splitSeed"], known, table.dates, table.groups)
    differences = []
    parts: tuple[tuple[Side, np.ndarray], ...] = (("reference", train), ("held_out", test))
    for side, index in parts:
        path = work / f"{side}.parquet"
        write_rows(rows_of(table, index), path)
        stored, now = recorded.stored.rows(recorded.number, side), read_rows(path, training["schema"])
        columns = model_columns(training["schema"])
        same = stored.features[columns].equals(now.features[columns])
        if not same or not np.array_equal(stored.label, now.label):
            words = {"reference": "training rows", "held_out": "test rows"}
            differences.append({"what": words[side], "recorded": len(stored), "now": len(now)})
    return differences
