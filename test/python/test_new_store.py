"""New stores from the template, compared with those that MLflow makes."""

import sqlite3
from contextlib import closing

import pytest

from churn_ops.store import sqlite_template
from churn_ops.store.connect import connect


@pytest.fixture
def template_folder(tmp_path, monkeypatch):
    folder = tmp_path / "templates"
    monkeypatch.setenv("CHURN_OPS_TEMPLATES", str(folder))
    return folder


def content(database):
    """All rows and definitions, without times; indexes and constraints are made in no fixed order."""
    with closing(sqlite3.connect(database)) as connection:
        lines = "\n".join(connection.iterdump()).splitlines()
        experiments = connection.execute("SELECT experiment_id, name, artifact_location FROM experiments").fetchall()
    return sorted(line.strip(" ,") for line in lines if 'INSERT INTO "experiments"' not in line), experiments


def test_a_store_from_the_template_is_the_one_that_mlflow_makes(tmp_path, template_folder):
    made, copied = tmp_path / "made.db", tmp_path / "copied.db"
    connect(f"sqlite:///{made}")
    assert len(list(template_folder.iterdir())) == 1
    assert sqlite_template.copy_template(copied)
    assert content(copied) == content(made)
    client = connect(f"sqlite:///{copied}")
    run = client.create_run(client.create_experiment("later"))
    assert client.get_run(run.info.run_id).info.status == "RUNNING"


def test_a_store_that_is_in_use_is_no_template(tmp_path, empty_store, template_folder):
    used = tmp_path / "used.db"
    used.write_bytes(empty_store.read_bytes())
    connect(f"sqlite:///{used}").create_experiment("mine")
    sqlite_template.keep_template(used)
    assert list(template_folder.iterdir()) == []


def test_a_store_that_appears_meanwhile_is_left_alone(tmp_path, empty_store, template_folder):
    sqlite_template.keep_template(empty_store)
    there = tmp_path / "there.db"
    there.write_text("somebody's")
    assert sqlite_template.copy_template(there)
    assert there.read_text() == "somebody's"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []
