"""Opening a store that is not there yet, by several processes at once."""

import multiprocessing

import postgres
import pytest

from churn_ops.store import address as store_address
from churn_ops.store.connect import connect

_forked = multiprocessing.get_context("forkserver")
_forked.set_forkserver_preload(["mlflow.tracking", "mlflow.store.db.utils", "churn_ops.store.connect", "psycopg"])


@pytest.fixture(scope="module")
def cluster():
    with postgres.cluster() as made:
        yield made


def make_store(uri, barrier, results):
    barrier.wait()
    try:
        results.put(connect(uri).search_experiments()[0].name)
    except BaseException as error:  # noqa: BLE001  (the parent shows it)
        results.put(repr(error))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_that_find_no_store_make_one(kind, tmp_path, monkeypatch, cluster):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / ".churn-ops"))
    uri = cluster.database() if kind == "postgresql" else f"sqlite:///{tmp_path}/mlflow.db"
    assert not store_address.may_exist(uri)
    barrier, results = _forked.Barrier(3), _forked.Queue()
    processes = [_forked.Process(target=make_store, args=(uri, barrier, results)) for _ in range(3)]
    for process in processes:
        process.start()
    assert [results.get(timeout=120) for _ in processes] == ["Default"] * 3
    for process in processes:
        process.join()
    assert store_address.may_exist(uri)
