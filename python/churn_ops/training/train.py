"""The method ``train``: from a checked table to registered candidates."""

from __future__ import annotations

import hashlib
import importlib
import shutil

import numpy as np

from churn_ops.artifacts import root as artifact_root
from churn_ops.contract import Nothing, TrainingOutcome, TrainingRequest, TrainingSplit
from churn_ops.errors import ChurnOpsError
from churn_ops.process import crash_points
from churn_ops.process.cores import cores
from churn_ops.progress import Progress
from churn_ops.store import address as store_address
from churn_ops.store.connect import connect
from churn_ops.store.locks.store_lock import training_lock
from churn_ops.store.state_folder import home_hint, state_folder
from churn_ops.table.read_table import Table, model_schema, read_table
from churn_ops.training.commit import forced, keys
from churn_ops.training.engine.pool import Pool
from churn_ops.training.fit import leak
from churn_ops.training.fit.enough_rows import check_sides, checked_labels
from churn_ops.training.fit.split import split_rows
from churn_ops.training.fit.time_split import time_facts, with_times
from churn_ops.training.phases import Phases
from churn_ops.training.split_request import SplitRequest
from churn_ops.versions.rows import rows_of, write_rows

_warm_pool: Pool | None = None


def warm(_request: Nothing, _progress: Progress) -> Nothing:
    """Start the helper processes and the slow imports, while Node still reads the table."""
    global _warm_pool
    if _warm_pool is None:
        _warm_pool = Pool(cores())
    for name in ("mlflow.sklearn", "pyarrow.parquet", "sklearn.model_selection"):
        importlib.import_module(name)
    return {}


def train(request: TrainingRequest, progress: Progress) -> TrainingOutcome:
    """Train, measure, log and register every candidate of a grid.

    Raises
    ------
    ChurnOpsError
        By the error table; whatever was registered before stays.
    """
    phases = Phases()
    pool = _take_pool()
    try:
        with phases.timed("read"):
            table = _read(request)
            labels = checked_labels(table, request)
        training = keys.training_key(request, None)
        _state_folder_writable()
        address, wait = request["store"]["trackingUri"], request["waitSeconds"]
        with (
            training_lock(address, training, wait, lambda text: progress("wait", 0, 0, text)),
            crash_points.around("lock"),
        ):
            if not request["force"]:
                return _train_locked(request, progress, phases, pool, training, table, labels)
            own = keys.training_key(request, forced.begin(state_folder(), training))
            outcome = _train_locked(request, progress, phases, pool, own, table, labels)
            forced.end(state_folder(), training)
            return outcome
    finally:
        pool.close()


def _train_locked(
    request: TrainingRequest,
    progress: Progress,
    phases: Phases,
    pool: Pool,
    training: str,
    table: Table,
    labels: np.ndarray,
) -> TrainingOutcome:
    from churn_ops.training.fit.sides import SIDES_FILE, known_sides, write_sides
    from churn_ops.training.search import Search

    address = request["store"]["trackingUri"]
    client, known = None, {}
    with phases.timed("store"):
        artifact_root.check(request)
    # A store is made only for a table that can be trained on.
    if store_address.may_exist(address):
        with phases.timed("store"):
            client = connect(address)
            known = known_sides(client, request)
    with phases.timed("read"):
        train_index, test_index = split_rows(
            request["split"], table.customers, request["splitSeed"], known, table.dates, table.groups
        )
        times = None
        if request["split"] == "time" and table.dates is not None:
            times = time_facts(table.groups, table.dates, train_index, test_index)
        check_sides(table, train_index, test_index, request["search"]["folds"], times)
        warnings = leak.check(
            table.features.iloc[train_index],
            labels[train_index],
            table.groups[train_index],
            model_schema(request["schema"]),
        )
    split: SplitRequest = {**request, "knownCustomers": sum(customer in known for customer in table.customers)}
    if times is not None:
        # Recorded with the training, for the model card.
        split["times"] = times
    folder = state_folder() / "work" / f"train-{training[:16]}"
    search = Search(split, training, _split_key(table, train_index, test_index), folder, phases)
    try:
        with phases.timed("read"):
            write_rows(rows_of(table, train_index), folder / "reference.parquet")
            write_rows(rows_of(table, test_index), folder / "held_out.parquet")
            # By time nobody has a side to keep: a customer trains now and tests later.
            kept = slice(0 if request["split"] == "time" else None)
            write_sides(known, table.customers[kept], test_index[kept], folder / SIDES_FILE)
        if client is None:
            search.start_all(pool)
            with phases.timed("store"):
                progress("store", 0, 0, "creating the store")
                client = connect(address)
        outcome = search.run(client, pool, progress)
    except BaseException:
        # Before their folder is taken away: a helper may still be writing.
        pool.close()
        # With finished candidates in it it stays, and the same command goes on with them.
        if not search.has_finished_candidates:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    pool.close()
    shutil.rmtree(folder, ignore_errors=True)
    sides: TrainingSplit = {
        "trainRows": len(train_index),
        "testRows": len(test_index),
        "trainCustomers": len(np.unique(table.groups[train_index])),
        "testCustomers": len(np.unique(table.groups[test_index])),
        "joinedIds": len(set(table.customers)) - len(np.unique(table.groups)),
        "splitSeed": request["splitSeed"],
        "kind": request["split"],
        "knownCustomers": outcome["knownCustomers"],
    }
    return {
        "candidates": outcome["candidates"],
        "failed": outcome["failed"],
        "parentRunId": outcome["parentRunId"],
        "experimentId": outcome["experimentId"],
        "warnings": [*warnings, *outcome["warnings"]],
        "split": sides if times is None else with_times(sides, times),
        "phases": phases.seconds,
    }


def _read(request: TrainingRequest) -> Table:
    dataset = request["dataset"]
    return read_table(dataset["path"], dataset["sha256"], dataset["rows"], request["invalidRecords"], request["schema"])


def _take_pool() -> Pool:
    global _warm_pool
    pool, _warm_pool = _warm_pool, None
    return pool or Pool(cores())


def _state_folder_writable() -> None:
    folder = state_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ChurnOpsError(
            "NOT_WRITABLE",
            f"{folder} cannot be created: {error.strerror}. Nothing was trained.",
            home_hint(folder),
            {"path": str(folder)},
        ) from error


def _split_key(table: Table, train_index: np.ndarray, test_index: np.ndarray) -> str:
    sides = [hashlib.sha256("\0".join(table.row_keys[index].tolist()).encode()) for index in (train_index, test_index)]
    return keys.digest([side.hexdigest() for side in sides])
