"""Files in S3-compatible storage: a real server, and everything that can be wrong with one."""

import socket
import sqlite3
import time
from contextlib import closing

import boto3
import pytest
from object_storage import BUCKET, VARIABLES, object_storage

from churn_ops.artifacts import manifest, s3
from churn_ops.artifacts import root as artifact_root
from churn_ops.artifacts.fetch import version_folder
from churn_ops.errors import ChurnOpsError
from churn_ops.store.connect import connect
from churn_ops.training.train import train

TOLD_WITHIN_SECONDS = 10


@pytest.fixture(scope="module")
def storage():
    with object_storage() as running:
        yield running


@pytest.fixture(autouse=True)
def aws(monkeypatch, storage):
    """Variables of the server; no session or answer of an earlier test is remembered."""
    for name, value in storage.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    s3._check_answers.cache_clear()
    s3._bound_waits.cache_clear()
    return monkeypatch


@pytest.fixture
def silent_port():
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def refusal(request):
    begun = time.monotonic()
    with pytest.raises(ChurnOpsError) as told:
        artifact_root.check(request)
    # Reading the table and its libraries come before it in a training.
    assert time.monotonic() - begun < TOLD_WITHIN_SECONDS
    with pytest.raises(ChurnOpsError) as refused:
        train(request, lambda *_: None)
    assert refused.value.message == told.value.message
    assert refused.value.code == "ARTIFACTS_UNREACHABLE"
    return refused.value


def nothing_registered(request):
    client = connect(request["store"]["trackingUri"])
    assert client.search_registered_models() == []
    assert [found.name for found in client.search_experiments()] == ["Default"]


def test_a_training_keeps_its_files_in_the_bucket_not_beside_the_store(training_request, store_folder, storage, aws):
    request = {**training_request, "artifacts": f"s3://{BUCKET}/churn/eu"}
    outcome = train(request, lambda *_: None)
    client = connect(request["store"]["trackingUri"])
    version = outcome["candidates"][0]["version"]
    keys = storage.objects()
    assert all(key.startswith("churn/eu/customerchurn/") for key in keys)
    assert sum(key.endswith("/artifacts/MLmodel") for key in keys) == 4
    assert any(key.endswith("/artifacts/data/held_out.parquet") for key in keys)
    assert not any("write-test" in key for key in keys)
    tags = client.get_model_version("RandomForestGridSearch", version).tags
    folder = version_folder(client, "RandomForestGridSearch", version)
    manifest.verify(folder, tags["churnops.manifest"], f"version {version}")
    assert not (store_folder / "mlruns" / "customerchurn").exists()

    # The same again reuses what is there, also where the setting has gone meanwhile.
    again = train(training_request, lambda *_: None)
    assert [candidate["reused"] for candidate in again["candidates"]] == [True] * 4

    model = next(key for key in keys if key.endswith("/model.skops") and folder_of(client, version) in key)
    storage.remove(model)
    with pytest.raises(ChurnOpsError) as damaged:
        manifest.verify(version_folder(client, "RandomForestGridSearch", version), tags["churnops.manifest"], "it")
    assert damaged.value.code == "MODEL_INTEGRITY"

    aws.setenv("MLFLOW_S3_ENDPOINT_URL", "http://127.0.0.1:9")
    s3._check_answers.cache_clear()
    with pytest.raises(ChurnOpsError) as gone:
        version_folder(client, "RandomForestGridSearch", version)
    assert gone.value.code == "ARTIFACTS_UNREACHABLE"


def folder_of(client, version):
    return client.get_model_version("RandomForestGridSearch", version).source.rpartition("/")[2]


def test_a_bucket_that_is_not_there_is_named_and_nothing_is_registered(training_request):
    error = refusal({**training_request, "artifacts": "s3://no-such-bucket/churn"})
    assert "s3://no-such-bucket/churn/customerchurn cannot be used: there is no such bucket" in error.message
    nothing_registered(training_request)


def test_a_server_that_does_not_run_is_told_within_ten_seconds(training_request, aws):
    aws.setenv("MLFLOW_S3_ENDPOINT_URL", "http://127.0.0.1:9")
    error = refusal({**training_request, "artifacts": f"s3://{BUCKET}"})
    assert "does not answer" in error.message
    assert "MLFLOW_S3_ENDPOINT_URL" in error.hint
    nothing_registered(training_request)


def test_a_silent_server_is_told_within_ten_seconds(training_request, aws, silent_port):
    aws.setenv("MLFLOW_S3_ENDPOINT_URL", f"http://127.0.0.1:{silent_port}")
    assert "does not answer" in refusal({**training_request, "artifacts": f"s3://{BUCKET}"}).message
    nothing_registered(training_request)


def test_missing_credentials_are_told_within_ten_seconds_though_the_metadata_service_is_silent(
    training_request, aws, silent_port
):
    for name in VARIABLES:
        if name.startswith(("AWS_ACCESS", "AWS_SECRET", "AWS_EC2")):
            aws.delenv(name)
    aws.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{silent_port}")
    error = refusal({**training_request, "artifacts": f"s3://{BUCKET}"})
    assert "no valid credentials" in error.message
    assert "AWS_ACCESS_KEY_ID" in error.hint
    nothing_registered(training_request)


def test_refused_credentials_are_told_without_being_shown(training_request, storage):
    storage.check_keys(True)
    try:
        error = refusal({**training_request, "artifacts": f"s3://{BUCKET}"})
    finally:
        storage.check_keys(False)
    assert "refuses these credentials" in error.message
    for value in (error.message, error.hint, str(error.details)):
        assert VARIABLES["AWS_ACCESS_KEY_ID"] not in value
        assert VARIABLES["AWS_SECRET_ACCESS_KEY"] not in value


def test_an_experiment_in_a_bucket_that_stopped_answering_registers_nothing(training_request, store_folder, aws):
    client = connect(training_request["store"]["trackingUri"])
    client.create_experiment("customerchurn", artifact_location=f"s3://{BUCKET}/old/customerchurn")
    aws.setenv("MLFLOW_S3_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(ChurnOpsError) as refused:
        train(training_request, lambda *_: None)
    assert refused.value.code == "ARTIFACTS_UNREACHABLE"
    with closing(sqlite3.connect(store_folder / "mlflow.db")) as database:
        for table in ("runs", "registered_models", "model_versions"):
            assert database.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)


def placed(store_folder, **request):
    address = f"sqlite:///{store_folder}/mlflow.db"
    whole = {"store": {"trackingUri": address}, "experiment": "customerchurn", **request}
    client = connect(address)
    experiment, notes = artifact_root.experiment(client, whole)
    return client.get_experiment(experiment).artifact_location, notes


def test_an_experiment_stays_where_it_is_and_that_is_said(store_folder):
    first, notes = placed(store_folder)
    assert (first, notes) == ((store_folder / "mlruns" / "customerchurn").as_uri(), [])
    again, notes = placed(store_folder, artifacts=f"s3://{BUCKET}/new")
    assert again == first
    assert notes == [
        f"The experiment customerchurn still keeps its files in {first}; the setting artifacts is for new experiments."
    ]
    # The same folder in other words is no other place.
    assert placed(store_folder, artifacts=f"{store_folder}/./mlruns") == (first, [])


def test_a_folder_and_a_bucket_get_a_place_for_each_experiment(store_folder, tmp_path):
    elsewhere = tmp_path / "else where"
    assert placed(store_folder, artifacts=str(elsewhere))[0] == (elsewhere / "customerchurn").as_uri()
    location, _ = placed(store_folder, experiment="two words?", artifacts=f"s3://{BUCKET}/x")
    assert location == f"s3://{BUCKET}/x/two%20words%3F"


def test_a_server_behind_http_decides_itself():
    request = {"store": {"trackingUri": "http://127.0.0.1:5000"}, "experiment": "e", "artifacts": "s3://bucket"}
    assert artifact_root._wanted(request) is None
    assert artifact_root._server_decides(request) == [
        "The tracking server decides where files are kept; the setting artifacts was not used."
    ]


def test_postgresql_keeps_files_in_this_folder_and_not_in_that_of_the_next_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    location = artifact_root._default("postgresql://host/mlflow", "customerchurn")
    assert location == (tmp_path / "mlruns" / "customerchurn").as_uri()
