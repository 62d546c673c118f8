"""Training on real scikit-learn and a real MLflow store."""

import zipfile
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline

from churn_ops.artifacts.fetch import version_folder
from churn_ops.errors import ChurnOpsError
from churn_ops.statistics.f1_interval import f1_interval
from churn_ops.store.connect import connect
from churn_ops.table.read_table import read_table
from churn_ops.training.fit.preprocessing import fit_and_transform
from churn_ops.training.fit.threshold import best_f1_threshold
from churn_ops.training.train import train


def silent(_phase, _done, _total, _text):
    pass


def read(request):
    dataset = request["dataset"]
    return read_table(dataset["path"], dataset["sha256"], dataset["rows"], request["invalidRecords"], request["schema"])


def test_each_candidate_is_the_forest_that_scikit_learn_fits_on_its_own(trained):
    training_request, outcome = trained
    client = connect(training_request["store"]["trackingUri"])
    table = read(training_request)
    learned, held_out = train_test_split(np.arange(len(table.labels)), test_size=0.2, random_state=42)
    assert len(outcome["candidates"]) == 4
    for candidate in outcome["candidates"]:
        own = Pipeline(
            [
                ("preprocessing", fit_and_transform(training_request["schema"], table.features.iloc[learned])[0]),
                ("classifier", RandomForestClassifier(random_state=7, **candidate["params"])),
            ]
        ).fit(table.features.iloc[learned], table.labels[learned])
        expected = own.predict_proba(table.features.iloc[held_out])[:, 1]
        folder = version_folder(client, "RandomForestGridSearch", candidate["version"])
        saved = mlflow.sklearn.load_model(str(folder))
        answered = saved.predict_proba(table.features.iloc[held_out])[:, 1]
        np.testing.assert_array_equal(answered, expected)
        stored = pd.read_csv(folder / "predictions" / "held_out.csv")
        np.testing.assert_allclose(stored["probability"], expected, rtol=0, atol=1e-15)
        predicted = (expected >= candidate["threshold"]).astype(int)
        assert candidate["metrics"]["f1_score"] == f1_score(table.labels[held_out], predicted)


def test_out_of_bag_predictions_are_those_of_scikit_learn(training_request):
    training_request["candidates"] = [
        {
            "name": "RF_60_4_5",
            "estimator": "forest",
            "params": {"n_estimators": 60, "max_depth": 4, "min_samples_split": 5},
        }
    ]
    outcome = train(training_request, silent)
    table = read(training_request)
    learned, _ = train_test_split(np.arange(len(table.labels)), test_size=0.2, random_state=42)
    rows = table.features.iloc[learned]
    matrix = fit_and_transform(training_request["schema"], rows)[0].transform(rows)
    own = RandomForestClassifier(n_estimators=60, max_depth=4, min_samples_split=5, random_state=7, oob_score=True).fit(
        matrix, table.labels[learned]
    )
    client = connect(training_request["store"]["trackingUri"])
    folder = version_folder(client, "RandomForestGridSearch", outcome["candidates"][0]["version"])
    stored = pd.read_csv(folder / "predictions" / "reference.csv")["probability"]
    np.testing.assert_allclose(stored, own.oob_decision_function_[:, 1], rtol=0, atol=1e-12)


def test_the_same_training_twice_reuses_every_version(training_request):
    first = train(training_request, silent)
    second = train(training_request, silent)
    assert [c["version"] for c in first["candidates"]] == [c["version"] for c in second["candidates"]]
    assert all(candidate["reused"] for candidate in second["candidates"])
    client = connect(training_request["store"]["trackingUri"])
    assert len(client.search_model_versions("name = 'RandomForestGridSearch'")) == 4
    third = train({**training_request, "force": True}, silent)
    assert not any(candidate["reused"] for candidate in third["candidates"])
    same = {c["name"]: c["metrics"] for c in first["candidates"]}
    assert {c["name"]: c["metrics"] for c in third["candidates"]} == same


def test_a_tiny_forest_without_enough_votes_takes_five_folds(training_request):
    training_request["candidates"] = [
        {
            "name": "RF_2_4_5",
            "estimator": "forest",
            "params": {"n_estimators": 2, "max_depth": 4, "min_samples_split": 5},
        }
    ]
    outcome = train(training_request, silent)
    client = connect(training_request["store"]["trackingUri"])
    version = client.get_model_version("RandomForestGridSearch", outcome["candidates"][0]["version"])
    assert version.tags["churnops.held_method"] == "five-fold"
    assert "five-fold" in outcome["warnings"][0]


def test_a_saved_model_holds_no_type_but_trees_and_answers_details(trained):
    training_request, outcome = trained
    client = connect(training_request["store"]["trackingUri"])
    folder = version_folder(client, "RandomForestGridSearch", outcome["candidates"][0]["version"])
    assert skops.io.get_untrusted_types(file=folder / "model.skops") == ["sklearn.tree._tree.Tree"]
    model = mlflow.pyfunc.load_model(str(folder))
    rows = read(training_request).features.head(5)
    labels = model.predict(rows)
    detail = model.predict(rows, params={"detail": True})
    assert list(detail.columns) == ["label", "probability", "threshold"]
    assert detail["label"].tolist() == list(labels)
    assert set(detail["threshold"]) == {outcome["candidates"][0]["threshold"]}
    blank = rows.assign(TotalCharges=np.nan, Contract=None)
    assert len(model.predict(blank)) == 5
    assert model.metadata.signature is not None


def test_runs_carry_parameters_metrics_pictures_dataset_and_their_parent(trained):
    training_request, outcome = trained
    client = connect(training_request["store"]["trackingUri"])
    run = client.get_run(outcome["candidates"][0]["runId"])
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "RF_50_4_5"
    assert run.data.params == {"n_estimators": "50", "max_depth": "4", "min_samples_split": "5"}
    for name in ("accuracy", "precision", "recall", "f1_score", "roc_auc", "log_loss", "f1_oof"):
        assert name in run.data.metrics
    assert run.data.tags["mlflow.parentRunId"] == outcome["parentRunId"]
    assert run.data.tags["churnops.data_sha256"] == training_request["dataset"]["sha256"]
    files = {item.path for item in client.list_artifacts(run.info.run_id)}
    assert {"confusion_matrix.png", "model_card.md"} <= files
    digest = run.inputs.dataset_inputs[0].dataset.digest
    assert training_request["dataset"]["sha256"].startswith(digest)
    parent = client.get_run(outcome["parentRunId"])
    assert parent.info.status == "FINISHED"
    data = {Path(item.path).name for item in client.list_artifacts(outcome["parentRunId"], "data")}
    assert data == {"reference.parquet", "held_out.parquet", "sides.parquet", "manifest.json"}


def test_a_table_that_changed_after_the_check_is_refused(training_request):
    with open(training_request["dataset"]["path"], "a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(ChurnOpsError) as caught:
        train(training_request, silent)
    assert caught.value.code == "DATA_CHANGED"


def test_records_that_node_named_are_left_out(training_request):
    whole = read(training_request)
    training_request["invalidRecords"] = [0, 399]
    rest = read(training_request)
    assert rest.row_keys.tolist() == whole.row_keys[1:399].tolist()


def test_the_threshold_has_the_highest_f1_of_all():
    random = np.random.default_rng(3)
    probabilities = random.random(300)
    labels = (random.random(300) < probabilities).astype(int)
    threshold = best_f1_threshold(labels, probabilities)
    every = [f1_score(labels, probabilities >= value) for value in probabilities]
    assert f1_score(labels, probabilities >= threshold) == pytest.approx(max(every))


def test_the_interval_of_f1_agrees_with_resampled_rows():
    random = np.random.default_rng(5)
    labels = (random.random(500) < 0.3).astype(int)
    predicted = np.where(random.random(500) < 0.75, labels, 1 - labels)
    low, high = f1_interval(labels, predicted, np.arange(500), seed=1)
    scores = []
    for _ in range(1000):
        rows = random.integers(0, 500, 500)
        scores.append(f1_score(labels[rows], predicted[rows]))
    assert low == pytest.approx(np.quantile(scores, 0.025), abs=0.01)
    assert high == pytest.approx(np.quantile(scores, 0.975), abs=0.01)


def test_model_files_are_compressed_and_each_still_holds_all_of_its_trees(trained: tuple[dict, dict]) -> None:
    request, outcome = trained
    mlflow.set_tracking_uri(request["store"]["trackingUri"])
    for candidate in outcome["candidates"]:
        folder = Path(mlflow.artifacts.download_artifacts(f"models:/RandomForestGridSearch/{candidate['version']}"))
        with zipfile.ZipFile(folder / "model.skops") as archive:
            assert archive.testzip() is None
            sizes = [(item.compress_size, item.file_size) for item in archive.infolist()]
        assert sum(small for small, _ in sizes) < 0.5 * sum(large for _, large in sizes)
        model = skops.io.load(folder / "model.skops", trusted=["sklearn.tree._tree.Tree"])
        assert len(model.estimator_.estimator[-1].estimators_) == candidate["params"]["n_estimators"]


def test_a_model_without_a_signature_is_not_registered(training_request: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    read = mlflow.models.Model.from_dict

    def read_without(record: dict) -> mlflow.models.Model:
        model = read(record)
        model.signature = None
        return model

    # As a version of MLflow would behave that leaves it out.
    monkeypatch.setattr("churn_ops.training.commit.model_folder.Model.from_dict", read_without)
    with pytest.raises(ChurnOpsError) as refusal:
        train(training_request, lambda *_: None)
    assert refusal.value.code == "SIGNATURE_MISSING"
    client = mlflow.MlflowClient(training_request["store"]["trackingUri"])
    assert list(client.search_model_versions("")) == []
