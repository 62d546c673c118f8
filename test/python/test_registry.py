"""The registry on a real MLflow store."""

import json

import pytest

from churn_ops.errors import ChurnOpsError
from churn_ops.registry import versions as reading
from churn_ops.registry.moves import apply as applying
from churn_ops.store.connect import connect

STORE_MODEL = "RandomForestGridSearch"


def silent(_phase, _done, _total, _text):
    pass


@pytest.fixture
def store(store_folder, plain_model):
    """Three versions: two measured by tag, one by the metric of its run alone."""
    store = {"trackingUri": f"sqlite:///{store_folder}/mlflow.db", "model": STORE_MODEL}
    client = connect(store["trackingUri"])
    client.create_registered_model(STORE_MODEL)
    experiment = client.create_experiment("customerchurn", artifact_location=(store_folder / "mlruns").as_uri())
    for tags in ({"churnops.f1_score": "0.6"}, {"churnops.f1_score": "0.7"}, {}):
        run = client.create_run(experiment)
        client.log_metric(run.info.run_id, "f1_score", 0.5)
        client.create_model_version(STORE_MODEL, plain_model.as_uri(), run.info.run_id, tags=tags)
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


def whole_entry(version):
    texts = dict.fromkeys(("actor", "reason", "policy", "from"), "x")
    at = f"2026-01-0{version}T00:00:00Z"
    return {**texts, "at": at, "action": "promote", "version": version, "previous": None, "to": "Production"}


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
    entry = {**whole_entry("2"), "state": "intent"}
    client.set_model_version_tag(STORE_MODEL, "1", "churnops.move.2026-y", "written by somebody else")
    client.set_model_version_tag(STORE_MODEL, "1", "churnops.move.2026-z", '{"at": "2026"}')
    client.set_model_version_tag(STORE_MODEL, "2", "churnops.move.2026-x", json.dumps(entry))
    assert reading.journal({"store": store}, silent) == [entry]


def test_a_store_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(ChurnOpsError) as caught:
        reading.versions({"store": {"trackingUri": f"sqlite:///{tmp_path}/none.db", "model": "M"}}, silent)
    assert caught.value.code == "NO_VERSIONS"
    assert not (tmp_path / "none.db").exists()


EVIDENCE = {
    "outcome": "tie",
    "gate": "superior",
    "metric": "f1",
    "margin": 0,
    "champion": {"version": "1", "score": 0.61},
    "challenger": {"version": "2", "score": 0.62},
    "difference": 0.01,
    "low": -0.01,
    "interval": [-0.014, 0.034],
    "smallestVisible": 0.02,
    "rows": 1409,
    "churners": 373,
    "dropped": 0,
    "rowsSha256": "ab",
    "source": "held-out",
}


def live(store, version, **more):
    wanted = request(store, [move(version, "None", "Production")], champion=version, **more)
    return applying.apply(wanted, silent)


def test_a_look_that_changed_nothing_is_kept_in_tags_journal_and_card(store):
    live(store, "1")
    connect(store["trackingUri"]).update_model_version(STORE_MODEL, "2", "Written by hand.")
    look = {
        "evidence": EVIDENCE,
        "look": {"version": "2", "reason": "tie: champion stays"},
        "challenger": "2",
        "policyRules": {"gate": "superior"},
    }
    plan = request(store, [move("2", "None", "Staging")], champion="1", holder="1")
    done = applying.apply({**plan, **look}, silent)
    assert [(entry["action"], entry["version"]) for entry in done["journal"]] == [("stage", "2"), ("gate", "2")]
    entry = done["journal"][-1]
    assert (entry["evidence"], entry["to"], len(entry["policySha256"])) == (EVIDENCE, "Staging", 16)
    one, two, _ = reading.versions({"store": store}, silent)
    assert (two["looks"], two["recordedStage"], two["aliases"]) == ([EVIDENCE], "Staging", ["challenger"])
    assert one["recordedStage"] == "Production"
    described = connect(store["trackingUri"]).get_model_version(STORE_MODEL, "2").description
    assert described.startswith("Written by hand.")
    assert "-0.0140 to +0.0340" in described
    again = {**request(store, [move("2", "Staging", "Staging")], champion="1", holder="1"), **look}
    applying.apply(again, silent)
    second = connect(store["trackingUri"]).get_model_version(STORE_MODEL, "2").description
    assert second.count("Promotion gate") == 1


def test_the_evidence_of_a_promotion_stands_in_the_entry_of_the_new_champion(store):
    live(store, "1")
    moves = [move("1", "Production", "Staging"), move("2", "None", "Production")]
    plan = request(store, moves, previous="1", holder="1")
    done = applying.apply({**plan, "evidence": EVIDENCE, "challenger": None}, silent)
    assert [entry["evidence"] for entry in done["journal"]] == [EVIDENCE, None]


def test_rollback_marks_are_set_and_taken_away(store):
    live(store, "1", previous=None)
    moves = [move("1", "Production", "Archived"), move("2", "None", "Production")]
    marks = {"rolledBack": {"set": ["1"], "clear": ["2"]}}
    applying.apply({**request(store, moves, previous="1", holder="1"), **marks}, silent)
    one, two, _ = reading.versions({"store": store}, silent)
    assert (one["rolledBackAt"] is not None, two["rolledBackAt"]) == (True, None)
    back = [move("2", "Production", "Archived"), move("1", "Archived", "Production")]
    marks = {"rolledBack": {"set": [], "clear": ["1"]}}
    applying.apply({**request(store, back, champion="1", previous="2", holder="2"), **marks}, silent)
    assert reading.versions({"store": store}, silent)[0]["rolledBackAt"] is None


def test_a_move_that_was_cut_off_is_finished_or_given_up_by_the_next_writer(store):
    client = connect(store["trackingUri"])
    live(store, "1")
    for version in ("1", "2"):
        entry = whole_entry(version)
        client.set_model_version_tag(STORE_MODEL, version, "churnops.move.x", json.dumps({**entry, "state": "intent"}))
    assert [len(v["unfinished"]) for v in reading.versions({"store": store}, silent)] == [1, 1, 0]
    applying.apply(request(store, [], champion="1", holder="1"), silent)
    states = {entry["version"]: entry["state"] for entry in reading.journal({"store": store}, silent)[:2]}
    assert states == {"1": "done", "2": "abandoned"}
    assert [len(v["unfinished"]) for v in reading.versions({"store": store}, silent)] == [0, 0, 0]


def test_readers_find_a_production_model_at_every_write_of_a_change(store, monkeypatch):
    live(store, "1")
    client = connect(store["trackingUri"])
    seen = []
    for name in ("set_model_version_tag", "set_registered_model_alias", "transition_model_version_stage"):
        original = getattr(type(client), name)

        def watched(self, *given, _original=original, **named):
            result = _original(self, *given, **named)
            champion = str(self.get_model_version_by_alias(STORE_MODEL, "champion").version)
            staged = self.get_latest_versions(STORE_MODEL, stages=["Production"])
            seen.append((champion, len(staged)))
            return result

        monkeypatch.setattr(type(client), name, watched)
    moves = [move("1", "Production", "Archived"), move("2", "None", "Production")]
    applying.apply(request(store, moves, previous="1", holder="1"), silent)
    assert len(seen) > 5
    assert all(champion in ("1", "2") and staged == 1 for champion, staged in seen)


def test_a_read_only_store_is_refused_before_anything_is_written(store, monkeypatch):
    before = reading.versions({"store": store}, silent)
    # Root may write to every file, so the system's answer is replaced.
    monkeypatch.setattr(applying.os, "access", lambda *_: False)
    with pytest.raises(ChurnOpsError) as caught:
        live(store, "1")
    assert caught.value.code == "NOT_WRITABLE"
    assert reading.versions({"store": store}, silent) == before
