"""A moved, copied or restored store is made to name the files beside it: whole, once, and whatever the kill."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from moved_store import bytes_in, copied, make_project

from churn_ops.artifacts.fetch import local_path
from churn_ops.errors import ChurnOpsError
from churn_ops.process import crash_points
from churn_ops.store import path_urls, place_records
from churn_ops.store import place as store_place
from churn_ops.store.connect import connect
from churn_ops.upkeep import invariants
from churn_ops.upkeep import relocation as store_relocation

MODEL = "RandomForestGridSearch"
PYTHON_FOLDER = Path(__file__).resolve().parents[2] / "python"
KILLED = """
import json, sys
from churn_ops.upkeep import relocation as store_relocation
store_relocation.relocate(json.loads(sys.argv[1]), lambda *_: None)
"""


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / "state"))


@pytest.fixture
def old(tmp_path):
    make_project(tmp_path / "old")
    return tmp_path / "old"


def asked(folder):
    return {"store": {"trackingUri": path_urls.sqlite_address(folder / "mlflow.db"), "model": MODEL}, "waitSeconds": 5}


def relocated(folder):
    return store_relocation.relocate(asked(folder), lambda *_: None)


def refused(folder):
    with pytest.raises(ChurnOpsError) as error:
        relocated(folder)
    assert error.value.code == "STORE_MOVED"
    return error.value


def back_ups(folder):
    return sorted(folder.glob("mlflow.db.backup-relocate-*"))


def places(folder):
    with place_records.opened(folder / "mlflow.db") as connection:
        return {location for _, _, location in place_records.locations(connection)}


def healthy(folder):
    client = connect(asked(folder)["store"]["trackingUri"])
    damaged = [each for each in invariants.broken(invariants.check(client, "", MODEL)) if each["invariant"] == "I1"]
    folders = [local_path(client.get_model_version_download_uri(MODEL, str(number))) for number in range(1, 5)]
    return damaged == [] and all(path.is_relative_to(folder) for path in folders)


def test_a_moved_store_names_its_files_again_and_every_path_of_it_with_them(old, tmp_path):
    new = tmp_path / "new a%20b?"
    os.rename(old, new)
    told = relocated(new)
    assert (told["from"], told["to"], told["warnings"]) == ([str(old)], str(new), [])
    assert told["places"]["model_versions.storage_location"] == 4
    assert Path(told["backup"]) == back_ups(new)[0]
    assert healthy(new)
    store_place.require_here(asked(new)["store"]["trackingUri"])
    with sqlite3.connect(new / "mlflow.db") as connection:
        named = [line for line in connection.iterdump() if f"{old}/" in line and "datasets" not in line]
    assert named == []
    assert not old.exists()


def test_a_second_time_there_is_nothing_to_do(old, tmp_path):
    os.rename(old, tmp_path / "new")
    relocated(tmp_path / "new")
    before = bytes_in(tmp_path / "new")
    again = relocated(tmp_path / "new")
    assert (again["isEmpty"], again["backup"]) == (True, None)
    assert bytes_in(tmp_path / "new") == before


def test_a_copy_names_its_own_files_and_the_original_is_not_touched(old, tmp_path):
    copy = copied(old, tmp_path / "copy")
    before = bytes_in(old)
    relocated(copy)
    assert healthy(copy)
    shutil.rmtree(copy / "mlruns")
    assert bytes_in(old) == before
    assert healthy(old)
    store_place.require_here(asked(old)["store"]["trackingUri"])


@pytest.mark.parametrize("fault", ["missing", "changed", "all", "run", "linked"])
def test_a_copy_without_whole_files_of_its_own_is_refused_with_the_reason(old, tmp_path, fault):
    copy = copied(old, tmp_path / "copy")
    runs = copy / "mlruns" / "customerchurn"
    model = next(path for path in sorted((runs / "models").iterdir()))
    if fault == "missing":
        shutil.rmtree(model)
    elif fault == "changed":
        (model / "artifacts" / "model.skops").write_bytes(b"other")
    elif fault == "run":
        shutil.rmtree(next(path for path in sorted(runs.iterdir()) if path.name != "models"))
    else:
        shutil.rmtree(copy / "mlruns")
    if fault == "linked":
        (copy / "mlruns").symlink_to(old / "mlruns")
    before = bytes_in(old), bytes_in(copy)
    error = refused(copy)
    assert str(old) in error.message
    assert str(copy) in error.message
    expected = {
        "missing": "does not exist",
        "changed": "model.skops",
        "all": "none of the",
        "run": "run ",
        "linked": "link",
    }
    assert expected[fault] in error.message
    assert (bytes_in(old), bytes_in(copy)) == before


def test_what_is_damaged_and_nowhere_better_is_told_and_does_not_keep_the_rest(old, tmp_path):
    new = tmp_path / "new"
    os.rename(old, new)
    model = next(iter(sorted((new / "mlruns" / "customerchurn" / "models").iterdir())))
    (model / "artifacts" / "model.skops").write_bytes(b"other")
    told = relocated(new)
    assert len(told["warnings"]) == 1
    assert "model.skops" in told["warnings"][0]
    assert told["backup"] is not None


def test_a_database_that_was_moved_without_its_files_is_told_what_to_bring(old, tmp_path):
    new = tmp_path / "new"
    new.mkdir()
    os.rename(old / "mlflow.db", new / "mlflow.db")
    error = refused(new)
    assert f"Copy all of {old / 'mlruns'} to {new}" in error.hint
    os.rename(old / "mlruns", new / "mlruns")
    relocated(new)
    assert healthy(new)


def test_files_elsewhere_on_purpose_stay_named_and_stay_the_originals(tmp_path):
    shared = tmp_path / "shared"
    make_project(tmp_path / "old", artifacts=shared)
    copy = copied(tmp_path / "old", tmp_path / "copy")
    assert relocated(copy)["isEmpty"]
    with pytest.raises(ChurnOpsError):
        store_place.require_original(asked(copy)["store"]["trackingUri"])
    os.rename(tmp_path / "old", tmp_path / "new")
    told = relocated(tmp_path / "new")
    assert (told["from"], told["isEmpty"]) == ([], False)
    assert all(
        place.startswith((shared.as_uri(), "models:/")) for place in places(tmp_path / "new") if "mlruns/0" not in place
    )


def test_a_store_without_a_place_of_its_own_is_refused():
    request = {"store": {"trackingUri": "postgresql://host/db", "model": MODEL}, "waitSeconds": 5}
    with pytest.raises(ChurnOpsError) as error:
        store_relocation.relocate(request, lambda *_: None)
    assert error.value.code == "USAGE"


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("point", crash_points.POINTS["relocate"])
def test_killed_at_any_step_the_store_is_old_or_new_and_the_same_command_ends_well(old, tmp_path, point, side):
    copy = copied(old, tmp_path / "copy")
    original, before = bytes_in(old), places(copy)
    variables = {**os.environ, "PYTHONPATH": str(PYTHON_FOLDER), "CHURN_OPS_CRASH_AT": f"{point}:{side}"}
    killed = subprocess.run([sys.executable, "-c", KILLED, json.dumps(asked(copy))], env=variables, check=False)
    assert killed.returncode == -signal.SIGKILL
    new = (point, side) == ("replace", "after")
    assert (places(copy) == before) is not new
    assert relocated(copy)["isEmpty"] is new
    assert healthy(copy)
    assert back_ups(copy) != []
    assert list(copy.glob(".mlflow.db.*")) == []
    assert bytes_in(old) == original
