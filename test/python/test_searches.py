"""The latest search is the last one that ran, whatever it reused; every search knows its members."""

import json
import sqlite3
from pathlib import Path

import pytest
from test_resume import killed_at

from churn_ops.contract import Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.registry.versions import versions
from churn_ops.store.connect import connect
from churn_ops.training.evidence.report import report
from churn_ops.training.train import train
from churn_ops.versions import searches


def silent(*_):
    pass


def grid(request: dict, *trees: int) -> dict:
    candidates = [
        {"name": f"RF_{number}", "estimator": "forest", "params": {"n_estimators": number, "max_depth": 3}}
        for number in trees
    ]
    return {**request, "candidates": candidates}


def optuna(request: dict, iterations: int = 6) -> dict:
    values = {"n_estimators": [8, 15], "max_depth": [2, None], "bootstrap": [True]}
    spaces = [{"estimator": "forest", "prefix": "RF", "grid": values}]
    search = {"kind": "optuna", "iterations": iterations, "folds": None, "spaces": spaces}
    return {**request, "candidates": [], "search": search}


def latest(request: dict) -> list[str]:
    return [each["version"] for each in versions({"store": request["store"]}, silent) if each["inLatestSearch"]]


def parents(request: dict) -> int:
    client = connect(request["store"]["trackingUri"])
    experiment = client.get_experiment_by_name(request["experiment"]).experiment_id
    return len([run for run in client.search_runs([experiment]) if Tag.SEARCH_KEY in run.data.tags])


def without_reused(outcome: dict) -> dict:
    candidates = [{name: value for name, value in each.items() if name != "reused"} for each in outcome["candidates"]]
    return {**{name: value for name, value in outcome.items() if name != "phases"}, "candidates": candidates}


def test_a_search_that_reused_all_or_some_of_its_candidates_is_the_latest(training_request):
    first = train(grid(training_request, 8, 15), silent)
    train(grid(training_request, 20), silent)
    assert latest(training_request) == ["3"]
    all_reused = train(grid(training_request, 8), silent)
    assert [each["reused"] for each in all_reused["candidates"]] == [True]
    assert all_reused["parentRunId"] != first["parentRunId"]
    assert latest(training_request) == ["1"]
    some_reused = train(grid(training_request, 15, 25), silent)
    assert [each["reused"] for each in some_reused["candidates"]] == [True, False]
    assert latest(training_request) == ["2", "4"]


def test_the_same_search_again_is_the_latest_and_leaves_nothing_behind(training_request):
    first = train(grid(training_request, 8, 15), silent)
    train(grid(training_request, 20), silent)
    made = parents(training_request)
    again = train(grid(training_request, 8, 15), silent)
    assert latest(training_request) == ["1", "2"]
    assert parents(training_request) == made
    assert without_reused(again) == without_reused(first)


def test_a_failed_or_killed_search_never_becomes_the_latest(training_request):
    assert train(grid(training_request, 8), silent)["candidates"]
    killed_at(grid(training_request, 15, 20), "register:after:1")
    assert latest(training_request) == ["1"]
    killed_at(grid(training_request, 15, 20), "latest:before")
    assert latest(training_request) == ["1"]
    with pytest.raises(ChurnOpsError) as refusal:
        train({**training_request, "candidates": [_impossible()]}, silent)
    assert refusal.value.code == "SEARCH_FAILED"
    assert latest(training_request) == ["1"]
    train(grid(training_request, 15, 20), silent)
    assert latest(training_request) == ["2", "3"]


def test_a_first_search_that_was_cut_off_is_not_the_latest_either(training_request):
    killed_at(grid(training_request, 8, 15), "register:after:1")
    assert latest(training_request) == []


def test_a_store_of_an_earlier_release_has_the_search_of_its_newest_version(training_request, store_folder):
    train(grid(training_request, 8), silent)
    train(grid(training_request, 15, 20), silent)
    with sqlite3.connect(store_folder / "mlflow.db") as database:
        database.execute("delete from registered_model_tags where key = ?", (Tag.LATEST_SEARCH,))
        database.execute("delete from tags where key like 'churnops.members%'")
    assert latest(training_request) == ["2", "3"]
    train(grid(training_request, 8), silent)
    assert latest(training_request) == ["1"]


def test_thousands_of_members_fit_into_the_tags_of_a_run(store_folder: Path):
    client = connect(f"sqlite:///{store_folder}/mlflow.db")
    run = client.create_run(client.create_experiment("many")).info.run_id
    members = [None if number % 7 == 0 else f"{number:064x}" for number in range(7_000)]
    searches.write_members(client, run, members)
    tags = client.get_run(run).data.tags
    assert searches.members_of(tags) == members
    assert max(map(len, tags.values())) <= 4_000


def test_equal_trials_are_one_version_and_a_second_run_gives_the_same_with_types(training_request):
    request = optuna(training_request)
    first = train(request, silent)
    drawn = [json.dumps(each["params"], sort_keys=True) for each in first["candidates"]]
    assert len(set(drawn)) == len(drawn) < 6
    assert any("6 trials drew the same parameters" in warning for warning in first["warnings"])
    client = connect(training_request["store"]["trackingUri"])
    assert len(client.search_model_versions("")) == len(drawn)
    again = train(request, silent)
    assert all(each["reused"] for each in again["candidates"])
    assert without_reused(again) == without_reused(first)
    assert {type(each["params"]["bootstrap"]) for each in again["candidates"]} == {bool}
    assert {type(each["params"]["n_estimators"]) for each in again["candidates"]} == {int}


def test_a_study_that_was_killed_goes_on_and_makes_no_double(training_request):
    request = optuna(training_request)
    killed_at(request, "register:after:2")
    killed_at(request, "finish:after:1")
    outcome = train(request, silent)
    client = connect(training_request["store"]["trackingUri"])
    stored = [version.tags["churnops.params"] for version in client.search_model_versions("")]
    assert len(set(stored)) == len(stored) == len(outcome["candidates"])
    assert latest(training_request) == sorted(str(number + 1) for number in range(len(stored)))


def test_a_trial_with_the_parameters_of_a_grid_reuses_its_version(training_request):
    params = {"n_estimators": 8, "max_depth": 2, "bootstrap": True}
    name = {"name": "RF_8", "estimator": "forest", "params": params}
    train({**training_request, "candidates": [name]}, silent)
    study = {**optuna(training_request, 12)}
    outcome = train(study, silent)
    same = [each for each in outcome["candidates"] if each["params"] == params]
    assert [(each["version"], each["reused"]) for each in same] == [("1", True)]


def test_the_leaderboard_of_a_report_has_every_member(training_request, tmp_path):
    train(grid(training_request, 8), silent)
    train(grid(training_request, 8, 15), silent)
    output = tmp_path / "out"
    wanted = {"store": training_request["store"], "version": "2", "output": str(output), "waitSeconds": 5}
    report(wanted, silent)
    lines = (output / "evidence" / "leaderboard.csv").read_text(encoding="utf-8").splitlines()
    assert sorted(line.split(",")[1] for line in lines[1:]) == ["1", "2"]


def _impossible() -> dict:
    params = {"C": 1.0, "penalty": "elasticnet", "solver": "lbfgs"}
    return {"name": "bad", "estimator": "logistic-regression", "params": params}
