"""Pruning and the invariants on a real PostgreSQL."""

import threading

import pytest
from postgres import cluster
from upkeep_store import MODEL, UpkeepStore, dead_owner

from churn_ops.store.locks.store_lock import store_lock, training_lock
from churn_ops.upkeep import invariants
from churn_ops.upkeep.mending import mend
from churn_ops.upkeep.prune.apply import apply
from churn_ops.upkeep.prune.inventory import inventory


@pytest.fixture(scope="module")
def server():
    with cluster() as running:
        yield running


@pytest.fixture
def store(tmp_path, server, monkeypatch):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / ".churn-ops"))
    store = UpkeepStore(tmp_path, address=server.database())
    store.made = [made for name in "ab" for made in store.training(name)]
    store.client.set_registered_model_alias(MODEL, "champion", "4")
    store.client.transition_model_version_stage(MODEL, 4, "Production")
    return store


def silent(_phase, _done, _total, _text):
    pass


def broken(store: UpkeepStore) -> list[str]:
    found = invariants.check(store.client, store.store["trackingUri"], MODEL)
    return [each["invariant"] for each in invariants.broken(found)]


def prune(store: UpkeepStore, *versions: str, wait: int = 5) -> dict:
    plan = {"versions": list(versions), "models": [], "searches": [], "folders": [], "waitSeconds": wait}
    return apply({"store": store.store, **plan}, silent)


def test_versions_go_with_their_files_and_the_rest_holds_every_invariant(store):
    assert [each["busy"] for each in inventory({"store": store.store}, silent)["versions"]] == [False] * 4
    assert prune(store, "1", "2", "4")["deleted"] == ["1", "2"]
    assert store.versions() == ["3", "4"]
    assert broken(store) == []


def test_a_training_that_holds_its_lock_on_the_server_keeps_its_versions(store):
    with training_lock(store.store["trackingUri"], "a" * 64, 1, lambda _text: None):
        assert "its training is running" in prune(store, "1")["skipped"][0]
    assert store.versions() == ["1", "2", "3", "4"]


def test_it_waits_for_another_writer(store):
    waits = threading.Event()
    plan = {"versions": ["1"], "models": [], "searches": [], "folders": [], "waitSeconds": 30}
    done = {}

    def run() -> None:
        done.update(apply({"store": store.store, **plan}, lambda phase, *_: waits.set() if phase == "wait" else None))

    with store_lock(store.store["trackingUri"], "promote", 1, lambda _text: None):
        pruning = threading.Thread(target=run)
        pruning.start()
        assert waits.wait(30)
        assert store.versions() == ["1", "2", "3", "4"]
    pruning.join()
    assert done["deleted"] == ["1"]


def test_runs_of_dead_processes_are_found_and_ended(store):
    store.parent("c" * 64, status="RUNNING", began=dead_owner())
    assert broken(store) == ["I5"]
    assert len(mend({"store": store.store, "waitSeconds": 5}, silent)) == 1
    assert broken(store) == []
    assert mend({"store": store.store, "waitSeconds": 5}, silent) == []
