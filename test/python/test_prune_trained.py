"""Pruning of real trainings: what stays still verifies, loads and has its rows; a training that runs is not harmed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import small_request

from churn_ops.artifacts.fetch import download
from churn_ops.registry.compare.golden_rows import check
from churn_ops.store.connect import connect
from churn_ops.training.train import train
from churn_ops.upkeep import invariants
from churn_ops.upkeep.prune.apply import apply
from churn_ops.upkeep.prune.inventory import inventory

MODEL = "RandomForestGridSearch"

# Trains and stops after its first version until a line arrives.
HALF = """
import json, sys
from churn_ops.training.train import train
waits = True
def progress(phase, done, total, text):
    global waits
    if phase == "train" and done == 1 and waits:
        waits = False
        print("half", flush=True)
        sys.stdin.readline()
print(json.dumps(train(json.loads(sys.argv[1]), progress)["candidates"]))
"""


def silent(_phase, _done, _total, _text):
    pass


def request_of(folder: Path, seed: int) -> dict:
    request = small_request(folder)
    return {**request, "seed": seed, "candidates": request["candidates"][:2], "waitSeconds": 30}


@pytest.fixture
def trained_twice(store_folder):
    for seed in (1, 2):
        train(request_of(store_folder, seed), silent)
    return store_folder


def disk_use(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def prune(store: dict, **plan) -> dict:
    asked = {"versions": [], "models": [], "searches": [], "folders": [], "waitSeconds": 30, **plan}
    return apply({"store": store, **asked}, silent)


def test_what_stays_verifies_loads_and_has_its_rows_and_the_space_is_free(trained_twice):
    store = request_of(trained_twice, 1)["store"]
    found = inventory({"store": store}, silent)
    assert [each["version"] for each in found["versions"]] == ["1", "2", "3", "4"]
    first = found["versions"][0]["search"]
    before = disk_use(trained_twice / "mlruns")
    done = prune(store, versions=["1", "2"], searches=[first])
    assert done["deleted"] == ["1", "2"] and done["skipped"] == []
    freed = before - disk_use(trained_twice / "mlruns")
    assert freed == done["freedBytes"] > before * 0.4
    client = connect(store["trackingUri"])
    assert invariants.broken(invariants.check(client, store["trackingUri"], MODEL)) == []
    schema = request_of(trained_twice, 1)["schema"]
    columns = [feature["name"] for feature in schema["features"]]
    for version in ("3", "4"):
        answered = check({"store": store, "version": version, "columns": columns}, silent)
        assert answered["goldenRows"] > 0
        parent = client.get_model_version(MODEL, version).tags["churnops.parent_run_id"]
        assert download(client, parent, "data/reference.parquet").is_file()
    # The sides of known customers come from the newest training, which is still there.
    again = train(request_of(trained_twice, 3), silent)
    assert again["split"]["knownCustomers"] > 0


def test_a_pruned_training_run_again_makes_its_versions_anew(trained_twice):
    store = request_of(trained_twice, 1)["store"]
    found = inventory({"store": store}, silent)
    prune(store, versions=["1", "2"], searches=[found["versions"][0]["search"]])
    again = train(request_of(trained_twice, 1), silent)
    assert [(each["version"], each["reused"]) for each in again["candidates"]] == [("5", False), ("6", False)]
    client = connect(store["trackingUri"])
    assert invariants.broken(invariants.check(client, store["trackingUri"], MODEL)) == []


def test_a_training_at_the_same_time_is_not_harmed(trained_twice):
    request = request_of(trained_twice, 9)
    store = request["store"]
    with subprocess.Popen(
        [sys.executable, "-c", HALF, json.dumps(request)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout.readline() == "half\n"
        found = inventory({"store": store}, silent)
        assert [each["busy"] for each in found["versions"]] == [False, False, False, False, True]
        everything = {
            "versions": [each["version"] for each in found["versions"]],
            "models": [each["id"] for each in found["models"]],
            "searches": [each["id"] for each in found["searches"]],
            "folders": [each["id"] for each in found["folders"]],
        }
        assert len(everything["folders"]) == 1
        done = prune(store, **everything)
        assert done["deleted"] == ["1", "2", "3", "4"]
        assert all("training is running" in said or "needs its rows" in said for said in done["skipped"])
        rest = running.communicate("\n")[0]
    assert running.returncode == 0
    assert [each["version"] for each in json.loads(rest.splitlines()[-1])] == ["5", "6"]
    client = connect(store["trackingUri"])
    assert invariants.broken(invariants.check(client, store["trackingUri"], MODEL)) == []
