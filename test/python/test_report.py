"""Reports and reproductions of versions in a real store."""

import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import skops.io
from conftest import sign, small_request
from sklearn.tree import DecisionTreeRegressor

from churn_ops.artifacts.fetch import version_folder
from churn_ops.errors import ChurnOpsError
from churn_ops.store.connect import connect
from churn_ops.training.commit.origin import git_tags
from churn_ops.training.evidence.report import report
from churn_ops.training.reproduce import reproduce
from churn_ops.training.train import train


def silent(_phase, _done, _total, _text):
    pass


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / ".churn-ops"))


@pytest.fixture(scope="module")
def own(tmp_path_factory, empty_store):
    """A finished training whose versions tests may damage, each another one."""
    folder = tmp_path_factory.mktemp("own")
    shutil.copyfile(empty_store, folder / "mlflow.db")
    request = small_request(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURN_OPS_STATE", str(folder / ".churn-ops"))
        outcome = train(request, silent)
    return request, sorted(outcome["candidates"], key=lambda candidate: candidate["metrics"]["f1_oof"])


def report_of(request, version, output):
    return report({"store": request["store"], "version": version, "output": str(output), "waitSeconds": 5}, silent)


def reproduction_of(request, version, **other):
    asked = {"store": request["store"], "version": version, "data": None, "lockSha256": "0" * 64}
    return reproduce({**asked, "packageVersion": "0.0.0", **other}, silent)


def artifacts(request, run_id, path=None):
    client = connect(request["store"]["trackingUri"])
    return {Path(item.path).name for item in client.list_artifacts(run_id, path)}


EVIDENCE = {
    "confusion_matrix.png",
    "roc.png",
    "precision_recall.png",
    "calibration.png",
    "threshold.png",
    "slices.csv",
    "importance.png",
    "importance.csv",
}


def test_training_leaves_a_card_with_every_candidate_and_evidence_with_the_best(trained):
    request, outcome = trained
    best = max(outcome["candidates"], key=lambda candidate: candidate["metrics"]["f1_oof"])
    for candidate in outcome["candidates"]:
        assert {"confusion_matrix.png", "model_card.md"} <= artifacts(request, candidate["runId"])
    assert artifacts(request, best["runId"], "evidence") == EVIDENCE
    assert artifacts(request, outcome["parentRunId"]) >= {"leaderboard.png", "leaderboard.csv"}
    assert outcome["warnings"] == []
    client = connect(request["store"]["trackingUri"])
    parent = client.get_run(outcome["parentRunId"])
    assert parent.data.tags["churnops.best_version"] == best["version"]
    assert parent.data.metrics["best_f1_score"] == best["metrics"]["f1_score"]
    assert f"version {best['version']}**" in parent.data.tags["mlflow.note.content"]
    card = Path(client.download_artifacts(best["runId"], "model_card.md")).read_text(encoding="utf-8")
    assert "## Feature importance" in card
    assert "one of 4 candidates" in card


def test_what_was_recorded_of_a_training_holds_no_address_of_the_store(trained):
    request, outcome = trained
    client = connect(request["store"]["trackingUri"])
    text = Path(client.download_artifacts(outcome["parentRunId"], "training.json")).read_text(encoding="utf-8")
    assert "sqlite" not in text
    assert request["dataset"]["sha256"] in text


def test_a_report_of_any_version_goes_to_its_run_and_to_a_folder(own, tmp_path):
    request, (worse, *_) = own
    assert artifacts(request, worse["runId"]) == {"confusion_matrix.png", "model_card.md"}
    output = tmp_path / "deep" / "out"
    answer = report_of(request, worse["version"], output)
    assert (answer["version"], answer["runId"]) == (worse["version"], worse["runId"])
    assert answer["files"][0] == str(output / "model_card.md")
    assert all(Path(file).stat().st_size > 100 for file in answer["files"])
    names = {Path(file).name for file in answer["files"]}
    assert names == {*EVIDENCE, "model_card.md", "leaderboard.png", "leaderboard.csv"}
    assert artifacts(request, worse["runId"], "evidence") == names - {"model_card.md"}
    assert f"RandomForestGridSearch version {worse['version']}" in Path(answer["files"][0]).read_text(encoding="utf-8")


def test_a_report_of_a_version_that_is_not_there_names_the_way_on(trained, tmp_path):
    with pytest.raises(ChurnOpsError) as caught:
        report_of(trained[0], "99", tmp_path)
    assert caught.value.code == "VERSION_UNKNOWN"


def test_a_model_file_with_a_type_that_is_not_allowed_is_not_loaded(own, tmp_path):
    request, candidates = own
    client = connect(request["store"]["trackingUri"])
    version = candidates[1]["version"]
    file = version_folder(client, "RandomForestGridSearch", version) / "model.skops"
    skops.io.dump({"model": DecisionTreeRegressor().fit([[0.0], [1.0]], [0, 1]), "path": Forbidden()}, file)
    sign(client, version)
    with pytest.raises(ChurnOpsError, match="not allowed") as caught:
        report_of(request, version, tmp_path / "out")
    assert caught.value.code == "MODEL_INTEGRITY"


class Forbidden:
    """A type that no list allows."""


def test_every_version_is_reproduced_to_the_last_digit_and_nothing_is_registered(trained):
    request, outcome = trained
    client = connect(request["store"]["trackingUri"])
    before = len(client.search_model_versions("name = 'RandomForestGridSearch'"))
    for candidate in outcome["candidates"]:
        found = reproduction_of(request, candidate["version"])
        assert found["differences"] == []
        assert (found["equal"], found["surroundings"]) == (True, [])
        assert found["compared"]["predictions"] == 400
        assert found["compared"]["metrics"] >= 14
    assert len(client.search_model_versions("name = 'RandomForestGridSearch'")) == before


def test_other_estimators_and_calibrated_ones_are_reproduced_too(training_request):
    others = [
        ("hist-gradient-boosting", {"max_iter": 3}),
        ("logistic-regression", {"C": 0.1}),
        ("extra-trees", {"n_estimators": 15, "max_depth": 4}),
    ]
    candidates = [{"name": name, "estimator": name, "params": params} for name, params in others]
    train({**training_request, "candidates": candidates, "calibrate": True}, silent)
    for version in ("1", "2", "3"):
        assert reproduction_of(training_request, version)["differences"] == []


def test_another_lock_is_named_and_makes_nothing_unequal(trained):
    found = reproduction_of(trained[0], "1", lockSha256="1" * 64, packageVersion="9.0.0")
    assert found["equal"]
    assert [item["what"] for item in found["surroundings"]] == ["lock", "churn-ops"]


def test_other_results_are_told_one_by_one(own):
    request, candidates = own
    candidate = candidates[2]
    client = connect(request["store"]["trackingUri"])
    stored = version_folder(client, "RandomForestGridSearch", candidate["version"]) / "predictions" / "held_out.csv"
    frame = pd.read_csv(stored, float_precision="round_trip")
    frame.loc[3, "probability"] += 0.25
    frame.to_csv(stored, index=False)
    sign(client, candidate["version"])
    client.log_metric(candidate["runId"], "recall", 0.123)
    found = reproduction_of(request, candidate["version"])
    assert not found["equal"]
    assert found["differences"] == [
        {"what": "recall", "recorded": 0.123, "now": candidate["metrics"]["recall"]},
        {"what": "predictions of test rows", "recorded": 80, "now": "1 differ, by at most 0.25"},
    ]


def test_data_that_is_gone_or_changed_is_named(own, tmp_path):
    request, candidates = own
    version = candidates[3]["version"]
    data = Path(request["dataset"]["path"])
    moved = shutil.move(data, tmp_path / "moved.csv")
    with pytest.raises(ChurnOpsError) as caught:
        reproduction_of(request, version)
    assert caught.value.code == "DATA_UNREADABLE"
    assert "--data" in caught.value.hint
    assert reproduction_of(request, version, data=str(moved))["equal"]
    data.write_text("customerID\n1\n")
    with pytest.raises(ChurnOpsError, match=f"is not the data that version {version} was trained on") as caught:
        reproduction_of(request, version)
    assert caught.value.code == "DATA_CHANGED"
    shutil.move(moved, data)


def test_a_commit_of_the_users_folder_is_told_and_changed_files_too(tmp_path):
    def git(*arguments):
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()

    # Not cached answers of an earlier look at the same folder.
    look = git_tags.__wrapped__
    assert look(tmp_path) == {}
    git("init", "-q")
    (tmp_path / "notes.txt").write_text("one")
    git("add", ".")
    git("commit", "-qm", "first")
    commit = git("rev-parse", "HEAD")
    assert look(tmp_path) == {"churnops.git_commit": commit, "mlflow.source.git.commit": commit}
    (tmp_path / "notes.txt").write_text("two")
    assert look(tmp_path)["churnops.git_dirty"] == "true"
