"""Where a store's files lie: a moved, copied or restored one is refused before anything of another place is touched."""

import json
import os
import shutil

import pytest
from moved_store import bytes_in, copied, make_project, note

from churn_ops import wire
from churn_ops.errors import ChurnOpsError
from churn_ops.store import path_urls
from churn_ops.store import place as store_place
from churn_ops.store.connect import connect

MODEL = "RandomForestGridSearch"


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "old"
    make_project(folder)
    return folder


@pytest.fixture
def old(tmp_path, project, monkeypatch):
    """A project of this test's own: where it was made, its name is a link, as its rows name that place."""
    moved_aside = project.with_name("kept")
    shutil.copytree(project, moved_aside)
    yield project
    shutil.rmtree(project, ignore_errors=True)
    if not project.exists():
        os.rename(moved_aside, project)
    shutil.rmtree(moved_aside, ignore_errors=True)


def address(folder):
    return path_urls.sqlite_address(folder / "mlflow.db")


def refused(folder):
    with pytest.raises(ChurnOpsError) as error:
        store_place.require_here(address(folder))
    assert error.value.code == "STORE_MOVED"
    return error.value


def test_the_project_itself_and_a_link_to_it_are_in_place(old, tmp_path):
    store_place.require_here(address(old))
    (tmp_path / "link").symlink_to(old)
    store_place.require_here(address(tmp_path / "link"))
    (tmp_path / "linked.db").symlink_to(old / "mlflow.db")
    store_place.require_here(path_urls.sqlite_address(tmp_path / "linked.db"))


def test_a_copy_a_moved_project_and_a_restored_one_are_elsewhere(old, tmp_path):
    copy = copied(old, tmp_path / "copy")
    error = refused(copy)
    assert str(copy) in error.message
    assert str(old) in error.message
    assert "doctor --relocate" in error.hint
    inside = copied(old, old / "backup")
    refused(inside)
    moved = tmp_path / "moved"
    os.rename(old, moved)
    refused(moved)
    # Whoever leaves a link at the old place has the files where the store says.
    old.symlink_to(moved)
    store_place.require_here(address(moved))
    old.unlink()


def test_a_store_whose_place_was_never_noted_is_judged_by_what_lies_on_the_disk(tmp_path):
    old = tmp_path / "old"
    make_project(old, noted=False)
    store_place.require_here(address(old))
    records_only = tmp_path / "records"
    records_only.mkdir()
    shutil.copy(old / "mlflow.db", records_only)
    refused(records_only)
    os.rename(old, tmp_path / "moved")
    refused(tmp_path / "moved")


def test_files_that_were_put_elsewhere_on_purpose_stay_where_they_are(tmp_path):
    old, shared = tmp_path / "old", tmp_path / "shared" / "mlruns"
    make_project(old, artifacts=shared)
    store_place.require_here(address(old))
    copy = copied(old, tmp_path / "copy")
    store_place.require_here(address(copy))
    # The copy may use them, and neither change nor delete what is its original's too.
    with pytest.raises(ChurnOpsError) as error:
        store_place.require_original(address(copy))
    assert error.value.code == "STORE_MOVED"
    assert str(old / "mlflow.db") in error.value.message
    store_place.require_original(address(old))
    shutil.rmtree(copy)
    os.rename(old, tmp_path / "moved")
    store_place.require_here(address(tmp_path / "moved"))
    store_place.require_original(address(tmp_path / "moved"))
    note(connect(address(tmp_path / "moved")), tmp_path / "moved")


def test_a_second_database_in_the_same_folder_deletes_nothing_of_the_first(old):
    shutil.copy(old / "mlflow.db", old / "copy.db")
    with pytest.raises(ChurnOpsError):
        store_place.require_original(path_urls.sqlite_address(old / "copy.db"))
    os.rename(old / "mlflow.db", old / "aside.db")
    store_place.require_original(path_urls.sqlite_address(old / "copy.db"))


@pytest.mark.parametrize("method", sorted(wire.WITH_FILES))
def test_every_method_that_acts_on_files_is_refused_before_it_begins(old, tmp_path, method):
    copy = copied(old, tmp_path / "copy")
    before = bytes_in(old), bytes_in(copy)
    request = {"protocol": 1, "method": method, "payload": {"store": {"trackingUri": address(copy), "model": MODEL}}}
    told = json.loads(wire.answer(json.dumps(request), None))
    assert told["error"]["code"] == "STORE_MOVED"
    assert (bytes_in(old), bytes_in(copy)) == before


def test_every_method_with_a_store_is_known_to_act_on_files_or_not():
    looks = {
        "registry.versions",
        "registry.columns",
        "registry.journal",
        "store.schema",
        "store.upgrade",
        "store.check",
    }
    places = {"store.relocation", "store.relocate"}
    without = {"warm", "training.warm", "training.check", "table.export", "notices.send", "drift.retraining_table"}
    assert set(wire.METHODS) == wire.WITH_FILES | looks | places | without


def test_versions_are_shown_to_look_at_and_not_to_act_on(old, tmp_path):
    copy = copied(old, tmp_path / "copy")
    payload = {"store": {"trackingUri": address(copy), "model": MODEL}}

    def asked(**more):
        request = {"protocol": 1, "method": "registry.versions", "payload": {**payload, **more}}
        return json.loads(wire.answer(json.dumps(request), None))

    assert len(asked()["result"]) == 4
    assert asked(toAct=True)["error"]["code"] == "STORE_MOVED"
