"""The invariants on real stores: whole ones hold them, each kind of damage breaks its own."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from upkeep_store import ELSEWHERE, MODEL, UpkeepStore, dead_owner

from churn_ops.upkeep import invariants


@pytest.fixture
def whole(store_folder):
    store = UpkeepStore(store_folder)
    store.training("a")
    store.promote("1")
    store.promote("2", previous="1", at="2026-01-02T00:00:00.000Z")
    return store


def findings(store: UpkeepStore, **options) -> list[dict]:
    return invariants.check(store.client, store.store["trackingUri"], MODEL, **options)


def broken(store: UpkeepStore, **options) -> dict[str, str]:
    return {each["invariant"]: each["message"] for each in invariants.broken(findings(store, **options))}


def subjects(store: UpkeepStore, invariant: str) -> list[str]:
    return [subject for each in findings(store) if each["invariant"] == invariant for subject in each["subjects"]]


def test_a_whole_store_holds_every_invariant_and_is_not_written_to(whole):
    before = hashlib.sha256(whole.database.read_bytes()).hexdigest()
    found = findings(whole)
    assert invariants.broken(found) == []
    assert [each["invariant"] for each in found] == ["I1", "I2", "I3", "I5", "I7", "I8", "I9"]
    assert all(each["subjects"] == [] for each in found)
    assert hashlib.sha256(whole.database.read_bytes()).hexdigest() == before
    assert not list((whole.folder / ".churn-ops").glob("*"))


def test_an_empty_store_holds_them_too(store_folder):
    assert broken(UpkeepStore(store_folder)) == {}


@pytest.mark.parametrize("quick", [False, True])
def test_a_missing_file_is_named_with_its_version(whole, quick):
    files = whole.training("b", versions=1)[0]["files"]
    Path(files, "model.skops").unlink()
    found = broken(whole, quick=quick)
    assert list(found) == ["I1"]
    assert "version 3" in found["I1"] and "model.skops" in found["I1"]


def test_a_changed_byte_is_found_unless_only_presence_is_asked_for_and_in_the_champion_always(whole):
    other, champion = (
        Path(whole.client.get_model_version_download_uri(MODEL, number).removeprefix("file://")) for number in "12"
    )
    (other / "model.skops").write_bytes(b"changed")
    assert list(broken(whole)) == ["I1"]
    assert broken(whole, quick=True) == {}
    (champion / "model.skops").write_bytes(b"changed")
    assert list(broken(whole, quick=True)) == ["I1", "I3"]


def test_a_version_whose_run_did_not_finish_or_names_other_files_is_broken(whole):
    run = whole.client.get_model_version(MODEL, "1").run_id
    whole.client.set_tag(run, "churnops.manifest", "0" * 64)
    assert "name different files" in broken(whole)["I1"]
    whole.client.update_run(run, status="KILLED")
    assert "KILLED instead of FINISHED" in broken(whole)["I1"]


def test_versions_of_an_earlier_release_are_a_note(whole):
    run = whole.client.create_run(whole.experiment).info.run_id
    files = whole.folder / "old"
    files.mkdir()
    (files / "MLmodel").write_text("flavors: {}\n")
    whole.client.create_model_version(MODEL, files.as_uri(), run, tags={"churnops.key": "old"})
    assert broken(whole) == {}
    assert subjects(whole, "I1") == ["3"]


def test_a_double_must_be_marked_as_one(whole):
    version = whole.client.get_model_version(MODEL, "1")
    whole.client.create_model_version(MODEL, version.source, version.run_id, tags=version.tags)
    assert broken(whole) == {"I2": "version 3 duplicates version 1 but is not marked"}
    whole.client.set_model_version_tag(MODEL, "3", "churnops.duplicate_of", "1")
    assert broken(whole) == {}


def test_a_champion_that_was_deleted_or_unnamed_is_missed(whole):
    whole.client.delete_registered_model_alias(MODEL, "champion")
    assert broken(whole)["I3"] == "the alias champion is missing; version 2 had it last"
    whole.client.delete_model_version(MODEL, "2")
    assert broken(whole)["I3"] == "the alias champion is missing; version 1 had it last"


def test_a_running_run_is_judged_by_its_owner(whole):
    mine = whole.parent("b" * 64, status="RUNNING")
    far = whole.parent("c" * 64, status="RUNNING", began=ELSEWHERE)
    assert broken(whole) == {}
    assert subjects(whole, "I5") == [far]
    dead = whole.parent("d" * 64, status="RUNNING", began=dead_owner())
    assert list(broken(whole)) == ["I5"]
    assert dead in broken(whole)["I5"] and mine not in broken(whole)["I5"]


def test_unfinished_work_is_a_note(whole):
    whole.candidate(whole.parent("b" * 64, status="KILLED"), "b0", upto="finished")
    work = whole.folder / ".churn-ops" / "work" / f"train-{'b' * 16}"
    work.mkdir(parents=True)
    (work / "candidates.jsonl").write_text("")
    assert broken(whole) == {}
    assert len(subjects(whole, "I6")) == 2


def test_work_whose_training_runs_is_not_unfinished(whole):
    state = whole.folder / ".churn-ops"
    work = state / "work" / f"train-{'b' * 16}"
    work.mkdir(parents=True)
    (work / "candidates.jsonl").write_text("")
    holds = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()"
    lock = state / f"training-{'b' * 16}.lock"
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        holder.stdout.readline()
        assert subjects(whole, "I6") == []
        holder.stdin.close()
    assert subjects(whole, "I6") == [str(work)]


def test_files_of_dead_processes_are_left_and_those_of_living_ones_are_not(whole, monkeypatch):
    state, temporary = whole.folder / ".churn-ops", whole.folder / "tmp"
    state.mkdir()
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for pid in (ended.pid, os.getpid()):
        (state / f"serve-{pid}.json").write_text(json.dumps({"pid": pid}))
        (whole.folder / f".mlflow.db.{pid}.new").write_text("")
        (temporary / f"churn-ops-input-{pid}-abc").mkdir()
    (temporary / "churn-ops-of-somebody").mkdir()
    assert set(subjects(whole, "I7")) == {
        str(state / f"serve-{ended.pid}.json"),
        str(whole.folder / f".mlflow.db.{ended.pid}.new"),
        str(temporary / f"churn-ops-input-{ended.pid}-abc"),
    }


def test_a_damaged_database_is_found(whole):
    page = whole.database.read_bytes()
    # The pages after the schema hold rows and indexes; a torn write leaves one of them as zeros.
    damaged = page[: 4096 * 60] + b"\0" * 4096 + page[4096 * 61 :]
    whole.database.write_bytes(damaged)
    from churn_ops.upkeep import database_health

    found = database_health.check(whole.store["trackingUri"], None)
    assert not found[0]["ok"] and "damaged" in found[0]["message"]
