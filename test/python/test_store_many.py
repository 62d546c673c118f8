"""Many processes register versions at once under the lock of the store: none is lost and none comes twice."""

import multiprocessing
import time
import traceback
from collections import Counter

import postgres
import pytest

from churn_ops.store.connect import connect
from churn_ops.store.locks import store_lock as store_locks
from churn_ops.store.pages import search_versions

# Each process is forked from one that has done the imports and nothing else: no connection is shared.
_forked = multiprocessing.get_context("forkserver")
_forked.set_forkserver_preload(["mlflow.tracking", "mlflow.store.db.utils", "churn_ops.store.connect", "psycopg"])
PROCESSES, EACH = 8, 20
MODEL = "RandomForestGridSearch"


@pytest.fixture
def uri(request, tmp_path, monkeypatch, empty_store):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / ".churn-ops"))
    if request.param == "sqlite":
        path = tmp_path / "mlflow.db"
        path.write_bytes(empty_store.read_bytes())
        yield f"sqlite:///{path}"
        return
    with postgres.cluster() as cluster:
        yield cluster.uri()


def register(uri, model_id, process, ready, go, results):
    """Make versions as a training does: look the key up, then create it with its tags, all under the lock."""
    try:
        client = connect(uri)
        ready.release()
        go.wait()
        waits = []
        for number in range(EACH):
            key = f"{process}-{number}"
            with store_locks.store_lock(uri, "train", 120, waits.append) as check:
                assert not client.search_model_versions(f"name = '{MODEL}' and tags.`churnops.key` = '{key}'")
                made = client.create_model_version(
                    MODEL,
                    f"models:/{model_id}",
                    tags={"churnops.key": key},
                    model_id=model_id,
                    await_creation_for=None,
                )
                check()
            assert made.tags["churnops.key"] == key
        results.put(len(waits))
    except BaseException:  # noqa: BLE001  (the parent shows it)
        ready.release()
        results.put(traceback.format_exc())


@pytest.mark.parametrize("uri", ["sqlite", "postgresql"], indirect=True)
def test_processes_that_register_at_once_lose_no_version_and_double_none(uri):
    client = connect(uri)
    client.create_registered_model(MODEL)
    model_id = client.create_logged_model("0", name="model").model_id
    ready, go, results = _forked.Semaphore(0), _forked.Event(), _forked.Queue()
    processes = [
        _forked.Process(target=register, args=(uri, model_id, at, ready, go, results)) for at in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    for _ in processes:
        assert ready.acquire(timeout=120)
    started = time.monotonic()
    go.set()
    ended = [results.get(timeout=200) for _ in processes]
    seconds = time.monotonic() - started
    for process in processes:
        process.join()
    errors = [end for end in ended if isinstance(end, str)]
    assert not errors, errors[0]
    # They did stand in each other's way.
    assert sum(ended) > 0
    versions = search_versions(client, f"name = '{MODEL}'")
    assert sorted(int(version.version) for version in versions) == list(range(1, PROCESSES * EACH + 1))
    keys = Counter(version.tags["churnops.key"] for version in versions)
    assert keys == Counter(f"{process}-{number}" for process in range(PROCESSES) for number in range(EACH))
    print(f"{PROCESSES} x {EACH} registrations in {seconds:.1f} s")  # with pytest -s
