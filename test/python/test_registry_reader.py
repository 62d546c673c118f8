"""Versions read without MLflow are those that MLflow reads."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from promoting import MODEL

import churn_ops
from churn_ops.artifacts.fetch import version_file
from churn_ops.contract import Alias, Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.registry.compare.stored import stored_versions
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


def test_a_version_its_files_and_its_run_are_the_same(lived_in):
    uri = lived_in["trackingUri"]
    looked, client = open_without_mlflow(uri), MlflowClient(uri, uri)
    for number in ("1", "2", "5"):
        assert looked.get_model_version(MODEL, number).tags == client.get_model_version(MODEL, number).tags
        place = client.get_model_version_download_uri(MODEL, number)
        assert looked.get_model_version_download_uri(MODEL, number) == place
        run = client.get_model_version(MODEL, number).run_id
        assert looked.get_run(run).info.artifact_uri == client.get_run(run).info.artifact_uri
    for number in ("4", "99"):
        for ask in ("get_model_version", "get_model_version_download_uri"):
            with pytest.raises(MlflowException) as theirs:
                getattr(client, ask)(MODEL, number)
            with pytest.raises(LookupError) as ours:
                getattr(looked, ask)(MODEL, number)
            assert ours.value.args == (theirs.value.message,)


def test_stored_answers_and_customers_are_the_same_with_and_without_mlflow(lived_in):
    uri = lived_in["trackingUri"]
    looked, opened = (stored_versions(each, MODEL) for each in (open_without_mlflow(uri), MlflowClient(uri, uri)))
    for side in ("held_out", "reference"):
        answers, expected = looked.answers("1", side), opened.answers("1", side)
        file = version_file(opened.client, MODEL, "1", f"predictions/{side}.csv")
        frame = pd.read_csv(file, dtype={"row_key": str}, float_precision="round_trip")
        for found in (answers, expected):
            assert found.keys.tolist() == frame["row_key"].tolist()
            assert found.labels.tolist() == frame["label"].tolist()
            np.testing.assert_array_equal(found.probabilities, frame["probability"])
        rows, customers = opened.rows("1", side), looked.customers("1", side)
        for name in ("row_key", "customer", "group", "has_ids"):
            np.testing.assert_array_equal(getattr(customers, name), getattr(rows, name))
    for unknown in ("4", "99"):
        told = []
        for each in (looked, opened):
            with pytest.raises(ChurnOpsError) as caught:
                each.tags(unknown)
            told.append((caught.value.code, caught.value.message, caught.value.hint))
        assert told[0] == told[1]
        assert told[0][0] == "VERSION_UNKNOWN"


def test_looking_and_comparing_stored_answers_load_neither_mlflow_nor_pandas(lived_in):
    code = """if True:
        import json, sys
        from churn_ops import wire
        store = json.loads(sys.argv[1])

        def ask(method, **payload):
            message = {"protocol": 1, "method": method, "payload": {"store": store, **payload}}
            answer = json.loads(wire.answer(json.dumps(message), None))
            assert answer["ok"], answer
            return answer["result"]

        assert len(ask("registry.versions", toAct=True)) == 6
        ask("registry.journal")
        sides = {"baseline": "1", "candidate": "3", "rows": "held-out"}
        pair = {**sides, "newerOnly": False, "draws": 50, "required": True}
        gate = {"fresh": None, "metric": {"kind": "f1"}, "seed": 1, "confidence": 0.95}
        assert ask("registry.compare", pairs=[pair], **gate)[0]["rows"] > 0
        assert ask("registry.skill", version="1", fresh=None, draws=50, seed=1)["rows"] > 0
        print(sorted({"mlflow", "pandas", "sqlalchemy", "sklearn", "scipy"} & sys.modules.keys()))
    """
    folder = str(Path(churn_ops.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(lived_in)],
        env={**os.environ, "PYTHONPATH": folder},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
