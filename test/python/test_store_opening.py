"""Opening a store: by several processes at once, and beside another user of the machine."""

import hashlib
import multiprocessing
import tempfile

import postgres
import pytest

from churn_ops import store_address, tracking

_forked = multiprocessing.get_context("forkserver")
_forked.set_forkserver_preload(["mlflow.tracking", "mlflow.store.db.utils", "churn_ops.tracking", "psycopg"])


@pytest.fixture(scope="module")
def cluster():
    with postgres.cluster() as made:
        yield made


def test_another_users_lock_file_of_mlflow_keeps_nobody_out(store_folder, tmp_path, monkeypatch):
    uri = f"sqlite:///{store_folder}/mlflow.db"
    # A folder cannot be opened for writing, by root neither; a file of another user cannot by anybody else.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / f"db_init_lock-{hashlib.md5(uri.encode()).hexdigest()}").mkdir()
    assert tracking.connect(uri).search_experiments()[0].name == "Default"


def make_store(uri, folder, barrier, results):
    # As on another host, or for another user: MLflow's lock in the temporary folder does not help.
    tempfile.tempdir = tempfile.mkdtemp(dir=folder)
    barrier.wait()
    try:
        results.put(tracking.connect(uri).search_experiments()[0].name)
    except BaseException as error:  # noqa: BLE001  (the parent shows it)
        results.put(repr(error))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_that_find_no_store_make_one(kind, tmp_path, monkeypatch, cluster):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / ".churn-ops"))
    uri = cluster.database() if kind == "postgresql" else f"sqlite:///{tmp_path}/mlflow.db"
    assert not store_address.may_exist(uri)
    barrier, results = _forked.Barrier(3), _forked.Queue()
    processes = [_forked.Process(target=make_store, args=(uri, tmp_path, barrier, results)) for _ in range(3)]
    for process in processes:
        process.start()
    assert [results.get(timeout=120) for _ in processes] == ["Default"] * 3
    for process in processes:
        process.join()
    assert store_address.may_exist(uri)
