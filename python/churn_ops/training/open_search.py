"""The parent run of a search and what its candidates share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mlflow import MlflowClient

from churn_ops.dataset import model_schema
from churn_ops.training import commit, keys
from churn_ops.training.dataset_record import dataset_input
from churn_ops.training.model_folder import ModelFolders
from churn_ops.training.origin import git_tags, recorded
from churn_ops.training.rows import read_rows
from churn_ops.training.sides import SIDES_FILE

_DATA_ARTIFACTS = "data"


def open_search(
    client: MlflowClient, request: dict[str, Any], training: str, folder: Path, experiment: str, size: int
) -> commit.Store:
    """Make the parent run with the split rows, and the template of every model folder.

    Parameters
    ----------
    client : mlflow.MlflowClient
        The open store.
    request : dict
        The training request.
    training : str
        Key of the training.
    folder : pathlib.Path
        Work folder with the split rows.
    experiment : str
        Id of the experiment.
    size : int
        Number of candidates.

    Returns
    -------
    commit.Store
        Takes the candidates.
    """
    dataset, search = request["dataset"], request["search"]
    tags = {
        "churnops.training": training,
        "churnops.data_sha256": dataset["sha256"],
        "churnops.schema_sha256": keys.digest(request["schema"]),
        "churnops.lock_sha256": request["lockSha256"],
        "churnops.package_version": request["packageVersion"],
        "churnops.seed": str(request["seed"]),
        "churnops.split": request["split"],
        "churnops.split_seed": str(request["splitSeed"]),
        "churnops.search": search["kind"],
        "churnops.threshold_rule": json.dumps(request["threshold"], sort_keys=True),
        "churnops.calibrated": str(request["calibrate"]).lower(),
        **git_tags(Path.cwd()),
    }
    # A query's table lies in a file of ours; its source is what the user named.
    source = dataset.get("source") or dataset["path"]
    name = Path(source.split("#")[0]).stem
    record = dataset_input(name, source, dataset["sha256"], dataset["rows"], request["schema"])
    train = read_rows(folder / "reference.parquet", request["schema"])
    folders = ModelFolders(model_schema(request["schema"]), train, folder)
    parent = commit.start_parent(client, experiment, f"{search['kind']} search of {size}", record, tags)
    (folder / "training.json").write_text(json.dumps(recorded(request), indent=2, sort_keys=True))
    (folder / "schema.json").write_text(json.dumps(request["schema"], indent=2))
    for name in ("reference.parquet", "held_out.parquet", SIDES_FILE):
        client.log_artifact(parent, str(folder / name), _DATA_ARTIFACTS)
    for name in ("training.json", "schema.json"):
        client.log_artifact(parent, str(folder / name))
    model, shared = request["store"]["model"], {**tags, "churnops.parent_run_id": parent}
    return commit.Store(client, experiment, model, parent, folders, record, shared)
