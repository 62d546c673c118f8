"""A training that was killed at some point, and the same training again."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from conftest import small_request

from churn_ops.contract import Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.process import crash_points, owner
from churn_ops.store import dead_runs
from churn_ops.training.commit import create_once, resume
from churn_ops.training.commit.candidate_journal import FILE, CandidateJournal
from churn_ops.training.train import train

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"


def train_apart(request: dict, crash_at: str | None = None) -> subprocess.CompletedProcess[str]:
    """Train in a process of its own, which can be killed."""
    variables = {**os.environ, **({"CHURN_OPS_CRASH_AT": crash_at} if crash_at else {})}
    return subprocess.run(
        [sys.executable, str(FIXTURES / "make_model.py")],
        input=json.dumps(request),
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


def killed_at(request: dict, place: str) -> None:
    done = train_apart(request, place)
    assert done.returncode == -signal.SIGKILL, done.stderr


def work_folder(request: dict) -> Path:
    state = Path(os.environ["CHURN_OPS_STATE"])
    (folder,) = (state / "work").glob("train-*")
    return folder


def state_of(request: dict) -> dict:
    """What two ways to the same end must have in common."""
    client = mlflow.MlflowClient(request["store"]["trackingUri"])
    found = client.search_model_versions(f"name = '{request['store']['model']}'")
    experiment = client.get_experiment_by_name(request["experiment"]).experiment_id
    runs = client.search_runs([experiment])
    return {
        "versions": sorted((int(v.version), v.tags["churnops.params"], v.tags["churnops.f1_oof"]) for v in found),
        "parents": len({v.tags["churnops.parent_run_id"] for v in found}),
        "open": [run.info.run_name for run in runs if run.info.status == "RUNNING"],
        "finished": sorted(run.info.run_name for run in runs if run.info.status == "FINISHED"),
    }


@pytest.fixture(scope="module")
def unbroken(empty_store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("unbroken")
    (folder / "mlflow.db").write_bytes(empty_store.read_bytes())
    request = small_request(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHURN_OPS_STATE", str(folder / ".churn-ops"))
        train(request, lambda *_: None)
    return state_of(request)


@pytest.mark.parametrize("place", ["sync:after:2", "finish:after:3"])
def test_a_killed_training_that_runs_again_ends_like_an_unbroken_one(
    training_request: dict, unbroken: dict, place: str
) -> None:
    killed_at(training_request, place)
    outcome = train(training_request, lambda *_: None)
    assert state_of(training_request) == unbroken
    assert len(outcome["candidates"]) == 4
    assert any(candidate["reused"] for candidate in outcome["candidates"])
    assert list((Path(os.environ["CHURN_OPS_STATE"]) / "work").iterdir()) == []


def test_what_a_helper_had_finished_is_not_fitted_again_and_a_torn_line_costs_one_candidate(
    training_request: dict, unbroken: dict
) -> None:
    killed_at(training_request, "journal:after:4")
    journal = work_folder(training_request) / FILE
    content = journal.read_bytes()
    assert content.count(b"\n") == 5
    journal.write_bytes(content[:-20])
    outcome = train(training_request, lambda *_: None)
    assert sum(candidate["reused"] for candidate in outcome["candidates"]) >= 3
    assert state_of(training_request) == unbroken


def test_a_finished_candidate_whose_files_were_changed_is_fitted_again(training_request: dict, unbroken: dict) -> None:
    killed_at(training_request, "journal:after:4")
    folder = work_folder(training_request)
    for model in folder.glob("candidate-*/model.skops"):
        model.write_bytes(model.read_bytes()[:-1])
    outcome = train(training_request, lambda *_: None)
    assert not any(candidate["reused"] for candidate in outcome["candidates"])
    assert state_of(training_request) == unbroken


def test_a_forced_training_that_was_cut_off_goes_on_and_the_next_forced_one_begins_anew(training_request: dict) -> None:
    train(training_request, lambda *_: None)
    forced = {**training_request, "force": True}
    killed_at(forced, "register:after:2")
    train(forced, lambda *_: None)
    assert len(state_of(forced)["versions"]) == 8
    train(forced, lambda *_: None)
    assert len(state_of(forced)["versions"]) == 12


def test_another_grid_uses_nothing_of_the_folder_that_a_cut_off_one_left(training_request: dict) -> None:
    killed_at(training_request, "journal:after:4")
    other = {**training_request, "candidates": training_request["candidates"][2:]}
    train(other, lambda *_: None)
    assert [params for _, params, _ in state_of(other)["versions"]] == [
        json.dumps(candidate["params"], sort_keys=True) for candidate in other["candidates"]
    ]


def test_a_journal_of_another_split_is_thrown_away(tmp_path: Path) -> None:
    journal = CandidateJournal(tmp_path / "work", "one")
    (tmp_path / "work" / "candidate-0").mkdir()
    (tmp_path / "work" / "run-0").mkdir()
    journal.add("key", {"index": 0})
    assert CandidateJournal(tmp_path / "work", "one").finished == {"key": {"index": 0}}
    assert CandidateJournal(tmp_path / "work", "two").finished == {}
    assert not (tmp_path / "work" / "candidate-0").exists()


@pytest.fixture
def experiment(store_folder: Path) -> tuple[mlflow.MlflowClient, str]:
    client = mlflow.MlflowClient(f"sqlite:///{store_folder}/mlflow.db")
    return client, client.create_experiment("customerchurn")


def status(client: mlflow.MlflowClient, run_id: str) -> str:
    return client.get_run(run_id).info.status


def test_runs_of_dead_processes_are_ended_and_those_of_living_or_foreign_ones_are_not(
    experiment: tuple[mlflow.MlflowClient, str],
) -> None:
    client, experiment_id = experiment
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    host, boot, _, start = owner.current().split(":")
    dead = {
        "ended": f"{host}:{boot}:{child.pid}:1",
        "number given again": f"{host}:{boot}:{os.getppid()}:1",
        "before the last start of this host": f"{host}:earlier/pid:{os.getppid()}:{start}",
    }
    alive = {
        "another host": f"elsewhere:{boot}:1:1",
        "another container": f"{host}:{boot.partition('/')[0]}/pid[1]:{os.getppid()}:1",
        "no owner of ours": "me",
    }
    runs = {name: create_once.create_run(client, experiment_id, name, {Tag.OWNER: who}) for name, who in dead.items()}
    left = {name: create_once.create_run(client, experiment_id, name, {Tag.OWNER: who}) for name, who in alive.items()}
    left["ours"] = create_once.create_run(client, experiment_id, "ours", {Tag.OWNER: owner.current()})
    left["foreign"] = client.create_run(experiment_id).info.run_id
    ended = dead_runs.end_dead_runs(client, experiment_id)
    assert sorted(run["name"] for run in ended) == sorted(dead)
    assert {status(client, run_id) for run_id in runs.values()} == {"KILLED"}
    assert {status(client, run_id) for run_id in left.values()} == {"RUNNING"}
    reason = client.get_run(runs["ended"]).data.tags[Tag.ENDED_BECAUSE]
    assert reason == f"process {child.pid} on {host} ended without finishing it"
    assert dead_runs.end_dead_runs(client, experiment_id) == []


def test_without_a_lock_a_training_that_may_be_running_on_another_host_is_not_touched(
    experiment: tuple[mlflow.MlflowClient, str],
) -> None:
    client, experiment_id = experiment
    tags = {Tag.SEARCH_KEY: "search", Tag.OWNER: "elsewhere:boot/pid:1:1"}
    create_once.create_run(client, experiment_id, "search", tags)
    with pytest.raises(ChurnOpsError) as refusal:
        resume.find_parent(client, experiment_id, "search", locked=False)
    assert refusal.value.code == "BUSY"
    assert "elsewhere" in refusal.value.message
    assert resume.find_parent(client, experiment_id, "search", locked=True) is not None


def test_every_crash_point_of_a_training_is_passed_in_one(
    training_request: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = []
    monkeypatch.setenv("CHURN_OPS_CRASH_AT", "nowhere:before")
    monkeypatch.setattr(crash_points, "_passed", _Recorder(passed))
    train(training_request, lambda *_: None)
    assert {place.split(":")[0] for place in passed} == set(crash_points.POINTS["train"])


class _Recorder(dict):
    def __init__(self, passed: list[str]) -> None:
        self._passed = passed

    def __getitem__(self, place: str) -> int:
        return 0

    def __setitem__(self, place: str, _count: int) -> None:
        self._passed.append(place)


def test_sides_of_the_split_that_were_changed_in_the_store_stop_the_next_training(training_request: dict) -> None:
    outcome = train(training_request, lambda *_: None)
    client = mlflow.MlflowClient(training_request["store"]["trackingUri"])
    place = Path(client.get_run(outcome["parentRunId"]).info.artifact_uri.removeprefix("file://")) / "data"
    sides = pd.read_parquet(place / "sides.parquet")
    sides.assign(side=1 - sides["side"]).to_parquet(place / "sides.parquet", index=False)
    with pytest.raises(ChurnOpsError) as refusal:
        train({**training_request, "seed": 8}, lambda *_: None)
    assert refusal.value.code == "MODEL_INTEGRITY"
    assert "sides.parquet" in refusal.value.message
    assert len(state_of(training_request)["versions"]) == 4
