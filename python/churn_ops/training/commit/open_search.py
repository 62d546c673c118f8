"""The parent run of a search and what its candidates share."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import DatasetInput

from churn_ops.artifacts import manifest
from churn_ops.artifacts.fetch import local_path
from churn_ops.contract import Tag
from churn_ops.process import crash_points, lifetime, owner
from churn_ops.store import address as store_address
from churn_ops.store.locks import file_lock
from churn_ops.table.read_table import model_schema
from churn_ops.training.commit import candidate as commit
from churn_ops.training.commit import create_once, keys
from churn_ops.training.commit.dataset_record import dataset_input
from churn_ops.training.commit.model_folder import ModelFolders
from churn_ops.training.commit.origin import git_tags, recorded
from churn_ops.training.commit.place_files import sync
from churn_ops.training.commit.resume import Parent, take_over
from churn_ops.training.commit.seen_columns import COLUMNS_FILE, seen_columns
from churn_ops.training.fit.sides import SIDES_FILE
from churn_ops.training.split_request import SplitRequest
from churn_ops.versions.rows import read_rows

_DATA_ARTIFACTS = "data"
_DATA_FILES = ("reference.parquet", "held_out.parquet", SIDES_FILE)


def open_search(
    client: MlflowClient,
    request: SplitRequest,
    identity: dict[str, str],
    folder: Path,
    experiment: str,
    earlier: Parent | None,
    lock: AbstractContextManager[file_lock.Check],
) -> commit.Store:
    """Make the parent run with the split rows, or go on with that of a cut-off attempt; and the template of the models.

    Parameters
    ----------
    client : mlflow.MlflowClient
        The open store.
    identity : dict
        ``training``, key of the training, ``search``, key of this search, and ``size``, its number of candidates.
    folder : pathlib.Path
        Work folder with the split rows.
    experiment : str
        Id of the experiment.
    earlier : Parent or None
        The run of a cut-off attempt.
    lock : context manager
        The store's lock: of two trainings on the same data MLflow would refuse one.

    Returns
    -------
    commit.Store
        Takes the candidates.
    """
    dataset, search = request["dataset"], request["search"]
    tags = {
        Tag.TRAINING: identity["training"],
        Tag.DATA_SHA256: dataset["sha256"],
        Tag.SCHEMA_SHA256: keys.digest(request["schema"]),
        Tag.LOCK_SHA256: request["lockSha256"],
        Tag.PACKAGE_VERSION: request["packageVersion"],
        Tag.SEED: str(request["seed"]),
        Tag.SPLIT: request["split"],
        Tag.SPLIT_SEED: str(request["splitSeed"]),
        Tag.SEARCH: search["kind"],
        Tag.THRESHOLD_RULE: json.dumps(request["threshold"], sort_keys=True),
        Tag.CALIBRATED: str(request["calibrate"]).lower(),
        **git_tags(Path.cwd()),
    }
    # A query's table is in a file of ours; its source is what the user named.
    source = dataset.get("source") or dataset["path"]
    name = Path(source.split("#")[0]).stem
    record = dataset_input(name, source, dataset["sha256"], dataset["rows"], request["schema"])
    train = read_rows(folder / "reference.parquet", request["schema"])
    folders = ModelFolders(model_schema(request["schema"]), train.features, folder)
    with crash_points.around("parent"), lock:
        if earlier is None:
            title = f"{search['kind']} search of {identity['size']}"
            own = {Tag.SEARCH_KEY: identity["search"], Tag.KNOWN_CUSTOMERS: str(request["knownCustomers"])}
            parent = _start_parent(client, experiment, title, record, {**tags, **own})
        else:
            parent = earlier.run_id
            take_over(client, earlier)
    with crash_points.around("data"):
        (folder / COLUMNS_FILE).write_text(json.dumps(seen_columns(request["schema"], train.features), indent=2))
        _log_data(client, parent, request, folder, "" if earlier is None else earlier.data_manifest)
    model, shared = request["store"]["model"], {**tags, Tag.PARENT_RUN_ID: parent}
    watched = store_address.is_http(request["store"]["trackingUri"])
    return commit.Store(client, experiment, model, parent, folders, record, shared, watched)


def _start_parent(
    client: MlflowClient, experiment_id: str, name: str, dataset: DatasetInput, tags: dict[str, str]
) -> str:
    lifetime.end_if_orphaned()
    own = {Tag.OWNER: owner.current(), **commit.SOURCE_TAGS}
    run_id = create_once.create_run(client, experiment_id, name, {**tags, **own})
    client.log_inputs(run_id, datasets=[dataset])
    return run_id


def _log_data(client: MlflowClient, parent: str, request: SplitRequest, folder: Path, there: str) -> None:
    files = {name: manifest.hash_file(folder / name) for name in _DATA_FILES}
    digest = manifest.digest(files)
    if digest == there:
        return
    (folder / "training.json").write_text(json.dumps(recorded(request), indent=2, sort_keys=True))
    (folder / "schema.json").write_text(json.dumps(request["schema"], indent=2))
    (folder / manifest.FILE).write_text(json.dumps({"files": files}, indent=2, sort_keys=True))
    for name in (*_DATA_FILES, manifest.FILE):
        client.log_artifact(parent, str(folder / name), _DATA_ARTIFACTS)
    for name in ("training.json", "schema.json", COLUMNS_FILE):
        client.log_artifact(parent, str(folder / name))
    place = local_path(str(client.get_run(parent).info.artifact_uri))
    if place is not None:
        sync(place)
    # Last, so that a cut-off attempt is known not to have them all.
    client.set_tag(parent, Tag.DATA_MANIFEST, digest)
