"""The registry on a real MLflow store."""

import json

import pytest

from churn_ops.errors import ChurnOpsError
from churn_ops.registry import apply as applying
from churn_ops.registry import versions as reading
from churn_ops.tracking import connect

STORE_MODEL = "RandomForestGridSearch"


def silent(_phase, _done, _total, _text):
    pass


@pytest.fixture
def store(store_folder):
    """Three versions: two measured by tag, one by the metric of its run alone."""
    store = {"trackingUri": f"sqlite:///{store_folder}/mlflow.db", "model": STORE_MODEL}
    client = connect(store["trackingUri"])
    client.create_registered_model(STORE_MODEL)
    experiment = client.create_experiment("customerchurn", artifact_location=(store_folder / "mlruns").as_uri())
    for tags in ({"churnops.f1_score": "0.6"}, {"churnops.f1_score": "0.7"}, {}):
        run = client.create_run(experiment)
        client.log_metric(run.info.run_id, "f1_score", 0.5)
        client.create_model_version(STORE_MODEL, f"runs:/{run.info.run_id}/model", run.info.run_id, tags=tags)
    return store


def request(store, moves, champion="2", previous=None, holder=None):
    return {
        "store": store,
        "action": "promote",
        "moves": moves,
        "champion": champion,
        "previous": previous,
        "holder": holder,
        "policy": "documents",
        "actor": "somebody",
        "waitSeconds": 1,
    }


def move(version, source, target):
    return {"version": version, "from": source, "to": target, "reason": f"to {target}"}


def test_f1_comes_from_the_tag_or_else_from_the_run(store):
    assert [version["f1"] for version in reading.versions({"store": store}, silent)] == [0.6, 0.7, 0.5]


def test_a_plan_sets_alias_stages_reasons_and_the_journal(store):
    done = applying.apply(request(store, [move("1", "None", "Staging"), move("2", "None", "Production")]), silent)
    assert done["changed"] == 2
    one, two, three = reading.versions({"store": store}, silent)
    assert (two["stage"], two["aliases"], two["reason"]) == ("Production", ["champion"], "to Production")
    assert (one["stage"], three["stage"]) == ("Staging", "None")
    moves = reading.journal({"store": store}, silent)
    assert [(entry["version"], entry["action"], entry["state"]) for entry in moves] == [
        ("2", "promote", "done"),
        ("1", "stage", "done"),
    ]
    assert [{**entry, "state": "done"} for entry in done["journal"]] == moves


def test_the_same_plan_again_writes_nothing(store):
    applying.apply(request(store, [move("2", "None", "Production")]), silent)
    again = applying.apply(request(store, [move("2", "Production", "Production")], holder="2"), silent)
    assert again["changed"] == 0


def test_a_champion_that_is_replaced_becomes_previous(store):
    applying.apply(request(store, [move("1", "None", "Production")], champion="1"), silent)
    moves = [move("1", "Production", "Staging"), move("2", "None", "Production")]
    applying.apply(request(store, moves, previous="1", holder="1"), silent)
    one, two, _ = reading.versions({"store": store}, silent)
    assert (one["stage"], one["aliases"]) == ("Staging", ["previous"])
    assert (two["stage"], two["aliases"]) == ("Production", ["champion"])


def test_a_plan_made_on_old_facts_is_refused_and_changes_nothing(store):
    client = connect(store["trackingUri"])
    client.set_registered_model_alias(STORE_MODEL, "champion", "3")
    with pytest.raises(ChurnOpsError) as caught:
        applying.apply(request(store, [move("2", "None", "Production")]), silent)
    assert caught.value.code == "BUSY"
    assert [version["stage"] for version in reading.versions({"store": store}, silent)] == ["None"] * 3


def test_a_move_that_was_cut_off_is_told_as_an_intent(store):
    client = connect(store["trackingUri"])
    entry = {"at": "2026-01-01T00:00:00Z", "version": "2", "state": "intent"}
    client.set_model_version_tag(STORE_MODEL, "2", "churnops.move.2026-x", json.dumps(entry))
    assert reading.journal({"store": store}, silent) == [entry]


def test_a_store_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(ChurnOpsError) as caught:
        reading.versions({"store": {"trackingUri": f"sqlite:///{tmp_path}/none.db", "model": "M"}}, silent)
    assert caught.value.code == "NO_VERSIONS"
    assert not (tmp_path / "none.db").exists()
