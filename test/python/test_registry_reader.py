"""Versions read without MLflow are those that MLflow reads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient
from promoting import MODEL

import churn_ops
from churn_ops.contract import Alias, Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.registry.versions import journal, read_tagged, versions
from churn_ops.store.connect import connect
from churn_ops.store.registry_reader import RegistryReader, open_without_mlflow
from churn_ops.training.train import train


def silent(*_):
    pass


@pytest.fixture
def lived_in(training_request) -> dict[str, str]:
    """A store with moves, aliases, a deleted version, a run that is gone and a version of another maker."""
    store = training_request["store"]
    train(training_request, silent)
    client = connect(store["trackingUri"])
    client.set_registered_model_alias(MODEL, Alias.CHAMPION, "2")
    client.set_registered_model_alias(MODEL, "be-st_1", "3")
    client.transition_model_version_stage(MODEL, "2", "Production")
    client.set_model_version_tag(MODEL, "3", Tag.REASON, "a 'quoted' reason \N{GRINNING FACE}")
    client.delete_model_version(MODEL, "4")
    run = client.create_run("0")
    client.log_metric(run.info.run_id, "f1_score", 0.25)
    client.log_metric(run.info.run_id, "f1_score", 0.5)
    client.create_model_version(MODEL, "file:///nowhere", run_id=run.info.run_id)
    client.create_model_version(MODEL, "file:///nowhere", run_id="0" * 32)
    client.create_model_version(MODEL, "file:///nowhere")
    client.create_registered_model("another")
    client.create_model_version("another", "file:///nowhere")
    return store


def test_the_facts_and_tags_are_the_same(lived_in):
    uri = lived_in["trackingUri"]
    looked = open_without_mlflow(uri)
    assert isinstance(looked, RegistryReader)
    client = MlflowClient(uri, uri)
    read = read_tagged(looked, MODEL)
    assert read == read_tagged(client, MODEL)
    assert [facts["version"] for facts, _ in read] == ["1", "2", "3", "5", "6", "7"]
    assert [facts["f1"] for facts, _ in read[3:]] == [0.5, None, None]
    assert read_tagged(looked, "another") == read_tagged(client, "another")
    assert read_tagged(looked, "none") == []


def test_without_a_record_of_the_latest_search_they_are_the_same_too(lived_in):
    uri = lived_in["trackingUri"]
    client = MlflowClient(uri, uri)
    client.delete_registered_model_tag(MODEL, Tag.LATEST_SEARCH)
    read = read_tagged(open_without_mlflow(uri), MODEL)
    assert read == read_tagged(client, MODEL)
    assert any(facts["inLatestSearch"] for facts, _ in read)


def test_a_store_that_is_not_there_is_told_and_not_made(tmp_path):
    for look in (versions, journal):
        with pytest.raises(ChurnOpsError) as caught:
            look({"store": {"trackingUri": f"sqlite:///{tmp_path}/mlflow.db", "model": MODEL}, "toAct": False}, silent)
        assert caught.value.code == "NO_VERSIONS"
    assert list(tmp_path.iterdir()) == []


def test_looking_loads_neither_mlflow_nor_pandas(lived_in):
    code = (
        "import json, sys; from churn_ops import wire; store = json.loads(sys.argv[1]);"
        "ask = lambda name, more: json.loads(wire.answer(json.dumps("
        "{'protocol': 1, 'method': name, 'payload': {'store': store, **more}}), None));"
        "assert len(ask('registry.versions', {'toAct': False})['result']) == 6;"
        "assert ask('registry.journal', {})['ok'];"
        "print(sorted({'mlflow', 'pandas', 'sqlalchemy'} & sys.modules.keys()))"
    )
    folder = str(Path(churn_ops.__file__).parents[1])
    import json

    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(lived_in)],
        env={**os.environ, "PYTHONPATH": folder},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
