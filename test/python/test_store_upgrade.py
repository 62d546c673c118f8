"""Stores of older and newer MLflows: refused untouched, and upgraded after a backup when asked."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.store.db.utils import _get_latest_schema_revision
from old_store import OLD_REVISION, make_old_store, revision_of, rows_of

from churn_ops.errors import ChurnOpsError
from churn_ops.process import crash_points
from churn_ops.store import schema as store_schema
from churn_ops.store import upgrade as store_upgrade
from churn_ops.store.connect import connect
from churn_ops.store.pages import search_versions

PYTHON_FOLDER = Path(__file__).resolve().parents[2] / "python"


@pytest.fixture(scope="module")
def old_database(tmp_path_factory):
    database = tmp_path_factory.mktemp("old") / "mlflow.db"
    make_old_store(f"sqlite:///{database}")
    return database


@pytest.fixture
def old_store(tmp_path, old_database, monkeypatch):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / ".churn-ops"))
    database = tmp_path / "mlflow.db"
    database.write_bytes(old_database.read_bytes())
    return database


def asked(database, wait=5):
    return {"store": {"trackingUri": f"sqlite:///{database}", "model": "RandomForestGridSearch"}, "waitSeconds": wait}


def upgraded(database):
    return store_upgrade.upgrade(asked(database), lambda *_: None)


def back_ups(database):
    return sorted(database.parent.glob("mlflow.db.backup-*"))


def set_revision(database, revision):
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_the_newest_revision_is_the_one_that_mlflow_names():
    assert store_schema.head() == _get_latest_schema_revision()


def test_an_older_store_is_refused_and_not_a_byte_of_it_changes(old_store):
    before = old_store.read_bytes()
    with pytest.raises(ChurnOpsError) as refused:
        connect(f"sqlite:///{old_store}")
    assert refused.value.code == "STORE_SCHEMA"
    assert "MLflow older than" in refused.value.message
    assert "churn-ops doctor --upgrade-store" in refused.value.hint
    assert old_store.read_bytes() == before
    assert [path.name for path in old_store.parent.iterdir()] == ["mlflow.db"]


def test_mlflow_itself_would_upgrade_it_unasked(old_store):
    # The reason for our own look; when this fails, `store_schema.check` has nothing left to guard against.
    MlflowClient(f"sqlite:///{old_store}").search_experiments()
    assert revision_of(old_store) == store_schema.head()


def test_an_upgrade_keeps_the_rows_and_a_whole_back_up(old_store):
    rows = rows_of(old_store)
    os.chmod(old_store, 0o640)
    told = upgraded(old_store)
    assert told == {
        "upgraded": True,
        "from": OLD_REVISION,
        "to": store_schema.head(),
        "backup": str(back_ups(old_store)[0]),
    }
    assert (revision_of(old_store), rows_of(old_store)) == (store_schema.head(), rows)
    assert (revision_of(Path(told["backup"])), rows_of(Path(told["backup"]))) == (OLD_REVISION, rows)
    assert old_store.stat().st_mode & 0o777 == 0o640
    versions = search_versions(connect(f"sqlite:///{old_store}"), "")
    assert sorted((v.version, v.current_stage) for v in versions) == [(1, "Archived"), (2, "Production")]


def test_a_second_upgrade_finds_nothing_to_do(old_store):
    upgraded(old_store)
    assert upgraded(old_store) == {
        "upgraded": False,
        "from": store_schema.head(),
        "to": store_schema.head(),
        "backup": None,
    }
    assert len(back_ups(old_store)) == 1


def test_a_store_of_a_newer_mlflow_is_told_apart(old_store):
    set_revision(old_store, "ffff00001111")
    for attempt in (lambda: connect(f"sqlite:///{old_store}"), lambda: upgraded(old_store)):
        with pytest.raises(ChurnOpsError) as refused:
            attempt()
        assert refused.value.code == "STORE_SCHEMA"
        assert "newer" in refused.value.message
        assert "Update churn-ops" in refused.value.hint
    assert back_ups(old_store) == []


def test_a_store_from_before_revisions_is_older_and_one_without_rows_is_new(tmp_path):
    database = tmp_path / "ancient.db"
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE experiments (experiment_id INTEGER)")
        assert store_schema.sqlite_revision(database) is None
        connection.execute("INSERT INTO experiments VALUES (0)")
        connection.commit()
    assert store_schema.sqlite_revision(database) == store_schema.BEFORE_REVISIONS
    assert store_schema.is_older(store_schema.BEFORE_REVISIONS)


def test_a_store_behind_http_is_left_to_its_server():
    request = {"store": {"trackingUri": "http://user:secret@127.0.0.1:9/"}, "waitSeconds": 0}
    with pytest.raises(ChurnOpsError) as refused:
        store_upgrade.upgrade(request, lambda *_: None)
    assert refused.value.code == "USAGE"
    assert "secret" not in refused.value.message


def test_a_store_that_another_process_has_open_is_not_replaced(old_store):
    before = old_store.read_bytes()
    script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN IMMEDIATE'); print(); input()"
    holder = subprocess.Popen([sys.executable, "-c", script, str(old_store)], stdin=subprocess.PIPE, stdout=-1)
    try:
        holder.stdout.readline()
        with pytest.raises(ChurnOpsError) as refused:
            upgraded(old_store)
    finally:
        holder.communicate(b"\n")
    assert refused.value.code == "BUSY"
    if sys.platform == "linux":
        assert f"pid {holder.pid}" in refused.value.message
    assert old_store.read_bytes() == before
    assert back_ups(old_store) == []


def test_a_migration_that_fails_leaves_the_store_as_it_was(old_store):
    with contextlib.closing(sqlite3.connect(old_store)) as connection, connection:
        # A table that the migrations want to make themselves.
        connection.execute("CREATE TABLE logged_models (mine INTEGER)")
    before = old_store.read_bytes()
    with pytest.raises(ChurnOpsError) as failed:
        upgraded(old_store)
    assert failed.value.code == "STORE_SCHEMA"
    assert "already exists" in failed.value.message
    assert old_store.read_bytes() == before
    (back_up,) = back_ups(old_store)
    assert str(back_up) in failed.value.message
    assert revision_of(back_up) == OLD_REVISION
    assert list(old_store.parent.glob(".mlflow.db.*")) == []


KILLED = """
import json, sys
from churn_ops.store import upgrade as store_upgrade
store_upgrade.upgrade(json.loads(sys.argv[1]), lambda *_: None)
"""


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("point", crash_points.POINTS["upgrade"])
def test_killed_at_any_step_the_store_is_old_or_new_and_the_same_command_ends_well(old_store, point, side):
    rows = rows_of(old_store)
    variables = {**os.environ, "PYTHONPATH": str(PYTHON_FOLDER), "CHURN_OPS_CRASH_AT": f"{point}:{side}"}
    killed = subprocess.run([sys.executable, "-c", KILLED, json.dumps(asked(old_store))], env=variables, check=False)
    assert killed.returncode == -signal.SIGKILL
    new = (point, side) == ("replace", "after")
    assert revision_of(old_store) == (store_schema.head() if new else OLD_REVISION)
    assert rows_of(old_store) == rows
    for back_up in back_ups(old_store):
        assert (revision_of(back_up), rows_of(back_up)) == (OLD_REVISION, rows)

    assert upgraded(old_store)["upgraded"] is not new
    assert (revision_of(old_store), rows_of(old_store)) == (store_schema.head(), rows)
    assert back_ups(old_store) != []
    assert list(old_store.parent.glob(".mlflow.db.*")) == []
