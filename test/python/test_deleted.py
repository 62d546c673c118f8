"""What people delete in MLflow's own UI, and `mlflow gc` after it: every method ends well or names the way back."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import small_request
from mlflow import MlflowClient
from mlflow.cli import gc

from churn_ops import wire
from churn_ops.upkeep import relocation as store_relocation

MODEL = "RandomForestGridSearch"


def call(method: str, payload: dict) -> dict:
    """Ask as Node does."""
    return json.loads(wire.answer(json.dumps({"protocol": 1, "method": method, "payload": payload}), None))


def result(method: str, payload: dict):
    answer = call(method, payload)
    assert answer["ok"], answer
    return answer["result"]


def one_candidate(folder: Path, at: int) -> dict:
    request = small_request(folder)
    return {**request, "candidates": request["candidates"][at : at + 1]}


def promotion(store: dict, versions: list[dict], champion: str) -> dict:
    holder = next((each["version"] for each in versions if "champion" in each["aliases"]), None)
    moves = [
        {
            "version": each["version"],
            "from": each["stage"],
            "to": "Production" if each["version"] == champion else "Staging",
            "reason": "test",
        }
        for each in versions
    ]
    plan = {"action": "promote", "moves": moves, "champion": champion, "previous": None, "holder": holder}
    return {"store": store, **plan, "policy": "documents", "actor": "somebody", "waitSeconds": 5}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Path:
    """Two trainings; version 1 of the first is in production."""
    folder = tmp_path_factory.mktemp("base")
    shutil.copyfile(empty_store, folder / "mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURN_OPS_STATE", str(folder / ".churn-ops"))
        first = one_candidate(folder, 0)
        result("train", first)
        store = first["store"]
        result("registry.apply", promotion(store, result("registry.versions", {"store": store}), "1"))
        result("train", one_candidate(folder, 1))
    return folder


@pytest.fixture
def folder(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that store that knows its new place."""
    place = tmp_path / "copy"
    shutil.copytree(base, place)
    monkeypatch.setenv("CHURN_OPS_STATE", str(place / ".churn-ops"))
    store_relocation.relocate({"store": one_candidate(place, 0)["store"], "waitSeconds": 5}, lambda *_: None)
    return place


def client_of(folder: Path) -> MlflowClient:
    uri = f"sqlite:///{folder}/mlflow.db"
    return MlflowClient(uri, uri)


def delete(folder: Path, what: str) -> str:
    """Delete as MLflow's UI does; its id."""
    client = client_of(folder)
    champion = client.get_model_version(MODEL, "1")
    subjects = {
        "experiment": client.get_experiment_by_name("customerchurn").experiment_id,
        "search": champion.tags["churnops.parent_run_id"],
        "run": champion.run_id,
        "version": "2",
        "champion": "1",
        "model": MODEL,
    }
    if what == "experiment":
        client.delete_experiment(subjects[what])
    elif what in ("search", "run"):
        client.delete_run(subjects[what])
    elif what == "model":
        client.delete_registered_model(MODEL)
    else:
        client.delete_model_version(MODEL, subjects[what])
    return subjects[what]


def collect_garbage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = f"sqlite:///{folder}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    done = CliRunner().invoke(gc, ["--backend-store-uri", uri])
    assert done.exit_code == 0, done.output
    monkeypatch.delenv("MLFLOW_TRACKING_URI")


def everything(folder: Path) -> dict[str, dict]:
    """Every method of the wire that reads or writes the store, what deletes last."""
    request = one_candidate(folder, 0)
    store = request["store"]
    own, columns = {"store": store}, [column["name"] for column in request["schema"]["features"]]
    pair = {"baseline": "1", "candidate": "2", "rows": "held-out", "newerOnly": False, "draws": 100, "required": True}
    compared = {**own, "pairs": [pair], "fresh": None, "metric": {"kind": "f1"}, "seed": 1, "confidence": 0.95}
    report = {**own, "version": "1", "output": str(folder / "out"), "waitSeconds": 5}
    window = {**own, "version": "1", "schema": request["schema"], "source": {"kind": "held-out"}, "sample": 50}
    version = {**own, "version": "1", "allowPickle": None}
    versions = call("registry.versions", own).get("result") or []
    found = {
        "registry.versions": own,
        "registry.journal": own,
        "store.check": own,
        "registry.compare": compared,
        "registry.verify": version,
        "registry.golden": version,
        "registry.check": {**version, "columns": columns},
        "drift.window": {**window, "seed": 1, "changes": [], "file": str(folder / "window.parquet")},
        "report": report,
        "reproduce": {**own, "version": "1", "data": None, "lockSha256": "0", "packageVersion": "0"},
        "prune.inventory": own,
        "store.mend": {**own, "waitSeconds": 5},
    }
    if any(each["version"] == "2" for each in versions):
        found["registry.apply"] = promotion(store, versions, "2")
    answers = {method: call(method, payload) for method, payload in found.items()}
    trainings = {"same": request, "seed": {**request, "seed": 8}, "force": {**request, "force": True}}
    answers |= {f"train {name}": call("train", payload) for name, payload in trainings.items()}
    inventory = call("prune.inventory", own)
    if inventory["ok"]:
        left = {name: [each["id"] for each in inventory["result"][name]] for name in ("models", "searches", "folders")}
        doomed = [each["version"] for each in inventory["result"]["versions"] if each["version"] in ("1", "2")]
        answers["prune.apply"] = call("prune.apply", {**own, "versions": doomed, **left, "waitSeconds": 5})
    return answers


@pytest.mark.parametrize("collected", [False, True], ids=["in the bin", "gone for good"])
@pytest.mark.parametrize("what", ["experiment", "search", "run"])
def test_nothing_that_was_deleted_ends_in_an_error_of_python(folder, what, collected, monkeypatch):
    subject = delete(folder, what)
    if collected:
        collect_garbage(folder, monkeypatch)
    answers = everything(folder)
    failed = {method: answer["error"] for method, answer in answers.items() if not answer["ok"]}
    allowed = {"STORE_DELETED", "MODEL_INTEGRITY"}
    assert {method: error for method, error in failed.items() if error["code"] not in allowed} == {}
    if what == "experiment" and not collected:
        assert set(failed) == {"train same", "train seed", "train force"}
        for error in failed.values():
            assert f"churn-ops mlflow experiments restore --experiment-id {subject}" in error["hint"]
            assert "customerchurn" in error["message"]
    if what == "run" and collected:
        assert "train --force" in failed["train same"]["hint"]
        assert answers["train force"]["ok"]


@pytest.mark.parametrize("what", ["version", "champion", "model"])
def test_versions_and_models_that_were_deleted_are_missed_by_name_or_made_anew(folder, what):
    delete(folder, what)
    answers = everything(folder)
    failed = {method: answer["error"]["code"] for method, answer in answers.items() if not answer["ok"]}
    assert set(failed.values()) <= {"VERSION_UNKNOWN", "NO_VERSIONS", "MODEL_INTEGRITY", "BUSY", "STORE_DELETED"}, (
        failed
    )
    assert not [method for method in failed if method.startswith("train")]


@pytest.mark.parametrize("what", ["experiment", "search", "run"])
def test_the_doctor_names_what_was_deleted_and_the_line_that_restores_it(folder, what):
    store = {"store": one_candidate(folder, 0)["store"]}

    def finding() -> dict:
        (found,) = [each for each in result("store.check", store) if each["invariant"] == "I9"]
        return found

    assert finding()["ok"]
    subject = delete(folder, what)
    found = finding()
    assert (found["ok"], found["code"], found["subjects"]) == (False, "STORE_DELETED", [subject])
    if what == "experiment":
        assert found["cure"] == f"churn-ops mlflow experiments restore --experiment-id {subject}"
        client_of(folder).restore_experiment(subject)
    else:
        assert found["cure"] == f"churn-ops mlflow runs restore --run-id {subject}"
        client_of(folder).restore_run(subject)
    assert finding()["ok"]
    assert result("train", {**one_candidate(folder, 0), "seed": 8})["candidates"]
