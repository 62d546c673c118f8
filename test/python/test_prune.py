"""Pruning on a real store: what goes, in which order, and what no kill and no second process can break."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from upkeep_store import ELSEWHERE, MODEL, UpkeepStore, dead_owner

from churn_ops.store.locks.store_lock import training_lock
from churn_ops.upkeep import invariants
from churn_ops.upkeep.prune.apply import apply
from churn_ops.upkeep.prune.inventory import inventory


@pytest.fixture
def three(store_folder):
    """Three trainings of two versions each; version 6 is live and 5 was before."""
    store = UpkeepStore(store_folder)
    store.made = [made for name in "abc" for made in store.training(name)]
    store.promote("5")
    store.promote("6", previous="5", at="2026-01-02T00:00:00.000Z")
    return store


def silent(_phase, _done, _total, _text):
    pass


def prune(store: UpkeepStore, **plan) -> dict:
    asked = {"versions": [], "models": [], "searches": [], "folders": [], "waitSeconds": 5, **plan}
    return apply({"store": store.store, **asked}, silent)


def facts(store: UpkeepStore) -> dict:
    return inventory({"store": store.store}, silent)


def killed_prune(store: UpkeepStore, crash_at: str, *versions: str) -> int:
    """Prune versions in a process of its own that is killed at a named step; its exit code."""
    program = (
        "import json, sys; from churn_ops.upkeep.prune.apply import apply;"
        "print(apply(json.loads(sys.argv[1]), lambda *_: None))"
    )
    asked = {"store": store.store, "versions": versions, "models": [], "searches": [], "folders": [], "waitSeconds": 5}
    ended = subprocess.run(
        [sys.executable, "-c", program, json.dumps(asked)],
        env={**os.environ, "CHURN_OPS_CRASH_AT": crash_at, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    if ended.returncode > 0:
        raise AssertionError(ended.stderr.decode())
    return ended.returncode


def files_below(folder: Path) -> int:
    return sum(1 for file in folder.rglob("*") if file.is_file())


def test_a_version_goes_with_its_files_and_its_run(three):
    runs = three.folder / "runs"
    before = files_below(runs)
    done = prune(three, versions=["1"])
    assert done["deleted"] == ["1"] and done["skipped"] == []
    assert three.versions() == ["2", "3", "4", "5", "6"]
    made = three.made[0]
    assert not Path(made["files"]).parent.exists()
    assert three.client.get_run(made["run"]).info.lifecycle_stage == "deleted"
    # Model, skops, manifest and picture; the rows of the search stay, for version 2 needs them.
    assert files_below(runs) == before - 4
    assert done["freedBytes"] > 1000
    assert invariants.broken(invariants.check(three.client, three.store["trackingUri"], MODEL)) == []


def test_the_inventory_tells_sizes_and_what_belongs_together(three):
    found = facts(three)
    assert [each["version"] for each in found["versions"]] == list("123456")
    assert all(each["made"] and not each["busy"] and each["bytes"] > 1000 for each in found["versions"])
    assert {each["split"] for each in found["versions"]} == {"random 42"}
    assert [len(each["versions"]) for each in found["searches"]] == [2, 2, 2]
    assert found["models"] == [] and found["folders"] == []


def test_a_search_goes_with_its_rows_when_no_version_needs_it_and_not_before(three):
    parent = three.made[0]["parent"]
    early = prune(three, versions=["1"], searches=[parent])
    assert early["skipped"] == [f"search {parent} was left: a version needs its rows"]
    rows = three.folder / "runs" / parent / "artifacts"
    assert rows.is_dir()
    prune(three, versions=["2"], searches=[parent])
    assert not rows.exists()
    assert three.client.get_run(parent).info.lifecycle_stage == "deleted"


@pytest.mark.parametrize("name", ["champion", "previous", "challenger", "canary"])
def test_a_version_that_got_an_alias_meanwhile_stays(three, name):
    three.client.set_registered_model_alias(MODEL, name, "1")
    done = prune(three, versions=["1"])
    assert done == {"deleted": [], "freedBytes": 0, "skipped": [f"version 1 was left: it now has the alias {name}"]}
    assert Path(three.made[0]["files"], "model.skops").is_file()


def test_a_version_that_got_a_stage_meanwhile_stays(three):
    three.client.transition_model_version_stage(MODEL, "1", "Staging")
    assert prune(three, versions=["1"])["skipped"] == ["version 1 was left: it is now in stage Staging"]


@pytest.mark.parametrize("crash_at", ["row:before", "row:after", "files:before", "files:after"])
def test_a_kill_leaves_no_version_without_files_and_the_next_prune_completes_it(three, crash_at):
    assert killed_prune(three, crash_at, "1", "2") == -signal.SIGKILL
    assert invariants.broken(invariants.check(three.client, three.store["trackingUri"], MODEL)) == []
    found = facts(three)
    assert len(found["models"]) == (0 if crash_at in ("row:before", "files:after") else 1)
    assert all(each["pruned"] and not each["busy"] for each in found["models"])
    left = [version for version in ("1", "2") if version in three.versions()]
    done = prune(three, versions=left, models=[each["id"] for each in found["models"]])
    assert done["skipped"] == []
    assert three.versions() == ["3", "4", "5", "6"]
    assert not any(Path(made["files"]).exists() for made in three.made[:2])
    assert facts(three)["models"] == []
    assert invariants.broken(invariants.check(three.client, three.store["trackingUri"], MODEL)) == []


def test_two_prunes_at_once_delete_each_version_once(three):
    program = (
        "import json, sys; from churn_ops.upkeep.prune.apply import apply; from churn_ops.store.connect import connect;"
        "request = json.loads(sys.argv[1]); connect(request['store']['trackingUri']);"
        "print('ready', flush=True); sys.stdin.readline(); print(json.dumps(apply(request, lambda *_: None)))"
    )
    nothing = {"models": [], "searches": [], "folders": []}
    asked = {"store": three.store, "versions": ["1", "2", "3", "4"], **nothing, "waitSeconds": 30}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, json.dumps(asked)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:
        process.stdin.write("\n")
        process.stdin.flush()
    deleted = [number for process in both for number in json.loads(process.communicate()[0])["deleted"]]
    assert all(process.returncode == 0 for process in both)
    assert sorted(deleted) == ["1", "2", "3", "4"]
    assert three.versions() == ["5", "6"]


def test_a_training_that_runs_keeps_its_versions_and_files(three):
    key = "a" * 64
    pending = three.candidate(three.parent(key, status="RUNNING"), "a9", upto="pending")
    found = facts(three)
    assert [each["busy"] for each in found["versions"]] == [True, True, False, False, False, False]
    assert [each["busy"] for each in found["models"]] == [True]
    done = prune(three, versions=["1"], models=[pending["modelId"]])
    assert done["deleted"] == [] and len(done["skipped"]) == 2
    assert all("its training is running" in said for said in done["skipped"])
    assert Path(pending["files"], "model.skops").is_file()


def test_a_training_that_holds_its_lock_keeps_its_versions(three):
    with training_lock(three.store["trackingUri"], "a" * 64, 1, lambda _text: None):
        assert facts(three)["versions"][0]["busy"]
        assert "its training is running" in prune(three, versions=["1"])["skipped"][0]
    assert prune(three, versions=["1"])["deleted"] == ["1"]


def test_a_training_of_another_machine_is_taken_for_alive(three):
    three.parent("a" * 64, status="RUNNING", began=ELSEWHERE)
    assert facts(three)["versions"][0]["busy"]
    assert prune(three, versions=["1"])["deleted"] == []


def test_an_open_run_of_an_earlier_release_keeps_its_training_for_a_day(three):
    run = three.parent("a" * 64, status="RUNNING")
    three.client.delete_tag(run, "churnops.owner")
    assert facts(three)["versions"][0]["busy"]
    with sqlite3.connect(three.database) as connection:
        connection.execute("UPDATE runs SET start_time = start_time - 86500000 WHERE run_uuid = ?", (run,))
    assert not facts(three)["versions"][0]["busy"]
    assert prune(three, versions=["1"])["deleted"] == ["1"]


def test_what_a_killed_training_left_is_found_and_removed(three):
    parent = three.parent("d" * 64, status="KILLED", began=dead_owner())
    pending = three.candidate(parent, "d0", upto="pending", began=dead_owner())
    whole = three.candidate(parent, "d1", upto="finished", began=dead_owner())
    work = three.folder / ".churn-ops" / "work" / f"train-{'d' * 16}"
    work.mkdir(parents=True)
    (work / "candidates.jsonl").write_text("x" * 100)
    found = facts(three)
    by_id = {each["id"]: each for each in found["models"]}
    assert (by_id[pending["modelId"]]["status"], by_id[pending["modelId"]]["whole"]) == ("RUNNING", False)
    assert (by_id[whole["modelId"]]["status"], by_id[whole["modelId"]]["whole"]) == ("FINISHED", True)
    assert not any(each["busy"] for each in found["models"])
    search = next(each for each in found["searches"] if each["id"] == parent)
    assert search["versions"] == [] and search["waiting"] and not search["busy"]
    assert found["folders"][0]["bytes"] == 100 and not found["folders"][0]["busy"]
    done = prune(three, models=list(by_id), searches=[parent], folders=[str(work)])
    assert done["skipped"] == []
    assert not Path(pending["files"]).exists() and not Path(whole["files"]).exists() and not work.exists()
    assert facts(three)["models"] == []
    assert three.client.get_run(parent).info.lifecycle_stage == "deleted"


def test_a_model_that_was_registered_meanwhile_stays(three):
    whole = three.candidate(three.made[0]["parent"], "a8", upto="finished")
    three.client.create_registered_model("Other")
    three.client.create_model_version("Other", f"models:/{whole['modelId']}", whole["run"], model_id=whole["modelId"])
    assert facts(three)["models"] == []
    assert "a version uses it now" in prune(three, models=[whole["modelId"]])["skipped"][0]


def test_a_version_whose_files_another_model_uses_is_told_of(three):
    version = three.client.get_model_version(MODEL, "1")
    three.client.create_registered_model("Other")
    three.client.create_model_version("Other", version.source, version.run_id, model_id=version.model_id)
    assert facts(three)["versions"][0]["usedBy"] == "Other version 1"
    assert facts(three)["versions"][1]["usedBy"] is None


def test_a_double_with_the_files_of_its_original_goes_without_them(three):
    first = three.client.get_model_version(MODEL, "1")
    tags = {**first.tags, "churnops.duplicate_of": "1"}
    three.client.create_model_version(MODEL, first.source, first.run_id, tags=tags, model_id=first.model_id)
    assert facts(three)["versions"][6]["usedBy"] == f"{MODEL} version 1"
    assert prune(three, versions=["7"]) == {"deleted": ["7"], "freedBytes": 0, "skipped": []}
    assert invariants.broken(invariants.check(three.client, three.store["trackingUri"], MODEL)) == []
    assert facts(three)["models"] == []
    assert three.client.get_run(first.run_id).info.lifecycle_stage == "active"


def test_only_folders_of_our_work_are_removed(three, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    prune(three, folders=[str(precious), str(three.folder / ".churn-ops" / "work" / "..")])
    assert precious.is_dir()
