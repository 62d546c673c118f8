"""Upgrades of a real PostgreSQL store: a dump first, then one transaction."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import postgres
import psycopg
import pytest
from old_store import OLD_REVISION, make_old_store

from churn_ops.errors import ChurnOpsError
from churn_ops.store import schema as store_schema
from churn_ops.store import upgrade as store_upgrade
from churn_ops.store.connect import connect
from churn_ops.store.pages import search_versions

PYTHON_FOLDER = Path(__file__).resolve().parents[2] / "python"


@pytest.fixture(scope="module")
def cluster():
    with postgres.cluster() as made:
        yield made


@pytest.fixture
def old_store(cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / ".churn-ops"))
    uri = cluster.database()
    make_old_store(uri)
    return uri


@pytest.fixture
def dump_on_path(cluster, monkeypatch):
    if not (cluster.bin / "pg_dump").exists() and shutil.which("pg_dump") is None:
        pytest.skip(f"{cluster.origin} has no pg_dump")
    monkeypatch.setenv("PATH", f"{cluster.bin}{os.pathsep}{os.environ['PATH']}")


def asked(uri):
    return {"store": {"trackingUri": uri, "model": "RandomForestGridSearch"}, "waitSeconds": 5}


def upgraded(uri):
    return store_upgrade.upgrade(asked(uri), lambda *_: None)


def rows_of(uri):
    with psycopg.connect(uri) as connection:
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        versions = connection.execute("SELECT version, current_stage FROM model_versions ORDER BY version").fetchall()
        aliases = connection.execute("SELECT alias, version FROM registered_model_aliases").fetchall()
    return revision, [*versions, *aliases]


def test_an_older_store_is_refused_unchanged_and_never_without_a_back_up(old_store, tmp_path, monkeypatch):
    before = rows_of(old_store)
    with pytest.raises(ChurnOpsError) as refused:
        connect(old_store)
    assert (refused.value.code, "MLflow older than" in refused.value.message) == ("STORE_SCHEMA", True)
    assert postgres.PASSWORD not in str(vars(refused.value))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ChurnOpsError) as refused:
        upgraded(old_store)
    assert "no pg_dump on the PATH" in refused.value.message
    assert rows_of(old_store) == before


@pytest.mark.usefixtures("dump_on_path")
def test_an_upgrade_keeps_the_rows_and_a_dump_that_can_be_restored(old_store, cluster):
    before, rows = rows_of(old_store)
    told = upgraded(old_store)
    assert (told["upgraded"], told["from"], told["to"]) == (True, OLD_REVISION, store_schema.head())
    assert rows_of(old_store) == (store_schema.head(), rows)
    back_up = Path(told["backup"])
    assert back_up.stat().st_mode & 0o077 == 0
    restored = cluster.database()
    variables = {**os.environ, "PGPASSWORD": postgres.PASSWORD}
    name = restored.rpartition("/")[2]
    where = ["-h", "127.0.0.1", "-p", str(cluster.port), "-U", "churn", "-d", name]
    subprocess.run([shutil.which("pg_restore"), *where, str(back_up)], env=variables, check=True)
    assert rows_of(restored) == (before, rows)
    versions = search_versions(connect(old_store), "")
    assert sorted((v.version, v.current_stage) for v in versions) == [(1, "Archived"), (2, "Production")]
    assert upgraded(old_store)["upgraded"] is False
    assert list(back_up.parent.iterdir()) == [back_up]


@pytest.mark.usefixtures("dump_on_path")
def test_a_dump_that_fails_changes_nothing(old_store, tmp_path, monkeypatch):
    broken = tmp_path / "bin"
    broken.mkdir()
    (broken / "pg_dump").write_text('#!/bin/sh\necho "server version mismatch; called with: $*." >&2\nexit 1\n')
    (broken / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken}{os.pathsep}{os.environ['PATH']}")
    before = rows_of(old_store)
    with pytest.raises(ChurnOpsError) as refused:
        upgraded(old_store)
    assert "server version mismatch; called with: --format=custom" in refused.value.message
    # Other users of the machine see what a program is called with.
    assert postgres.PASSWORD not in str(vars(refused.value))
    assert rows_of(old_store) == before
    assert list((tmp_path / ".churn-ops" / "backups").iterdir()) == []


KILLED = """
import json, sys
from churn_ops.store import upgrade as store_upgrade
store_upgrade.upgrade(json.loads(sys.argv[1]), lambda *_: None)
"""


@pytest.mark.usefixtures("dump_on_path")
@pytest.mark.parametrize("place", ["backup:after", "upgrade:before", "upgrade:after"])
def test_killed_at_any_step_the_store_is_old_or_new_and_the_same_command_ends_well(old_store, place):
    _, rows = rows_of(old_store)
    variables = {**os.environ, "PYTHONPATH": str(PYTHON_FOLDER), "CHURN_OPS_CRASH_AT": place}
    killed = subprocess.run([sys.executable, "-c", KILLED, json.dumps(asked(old_store))], env=variables, check=False)
    assert killed.returncode == -signal.SIGKILL
    new = place == "upgrade:after"
    assert rows_of(old_store) == (store_schema.head() if new else OLD_REVISION, rows)
    assert upgraded(old_store)["upgraded"] is not new
    assert rows_of(old_store) == (store_schema.head(), rows)
