"""Versions loaded for fresh rows, for rows that the champion never met, and for a rollback."""

import hashlib
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from conftest import DATA, sign

from churn_ops.artifacts.fetch import version_folder
from churn_ops.errors import ChurnOpsError
from churn_ops.registry.compare import scoring
from churn_ops.registry.compare.compare import compare
from churn_ops.registry.compare.golden_rows import check, golden
from churn_ops.registry.compare.retest import retest
from churn_ops.registry.compare.stored import stored_versions
from churn_ops.store.connect import connect
from churn_ops.training.train import train


def silent(*_):
    pass


def source(path, schema):
    content = path.read_bytes()
    dataset = {
        "path": str(path),
        "sha256": hashlib.sha256(content).hexdigest(),
        "rows": content.count(b"\n") - 1,
    }
    return {"dataset": dataset, "invalidRecords": [], "schema": schema}


def rows_of(path, first, last):
    lines = DATA.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], *lines[first + 1 : last + 1]]), encoding="utf-8")
    return path


def asked(request, pair, fresh=None):
    whole = {"newerOnly": False, "rows": "held-out", "draws": 300, "required": True, **pair}
    common = {"store": request["store"], "metric": {"kind": "f1"}, "seed": 1, "confidence": 0.95}
    return {**common, "pairs": [whole], "fresh": fresh}


def test_fresh_rows_are_those_that_neither_version_trained_on(trained, tmp_path):
    request, outcome = trained
    one, other = (candidate["version"] for candidate in outcome["candidates"][:2])
    path = rows_of(tmp_path / "fresh.csv", 0, 900)
    pair = {"baseline": one, "candidate": other, "rows": "file"}
    [found] = compare(asked(request, pair, source(path, request["schema"])), silent)
    assert (found["rows"], found["dropped"]) == (580, 320)
    assert 0 < found["comparison"]["baseline"] < 1
    [newer] = compare(asked(request, {**pair, "newerOnly": True}, source(path, request["schema"])), silent)
    assert (newer["rows"], newer["dropped"]) == (500, 400)


def test_stored_predictions_and_fresh_ones_of_the_same_rows_agree(trained, tmp_path):
    request, outcome = trained
    one, other = (candidate["version"] for candidate in outcome["candidates"][:2])
    path = rows_of(tmp_path / "same.csv", 0, 400)
    pair = {"baseline": one, "candidate": other}
    [stored] = compare(asked(request, pair), silent)
    [fresh] = compare(asked(request, {**pair, "rows": "file"}, source(path, request["schema"])), silent)
    assert fresh["comparison"] == stored["comparison"]
    assert fresh["rowsSha256"] == stored["rowsSha256"]


def test_retest_scores_each_version_and_compares_it_with_the_champion(trained, tmp_path):
    request, outcome = trained
    one, other = (candidate["version"] for candidate in outcome["candidates"][:2])
    fresh = source(rows_of(tmp_path / "fresh.csv", 400, 900), request["schema"])
    common = {"store": request["store"], "metric": {"kind": "f1"}, "seed": 1, "confidence": 0.95, "draws": 300}
    found = retest({**common, "versions": [one, other, "99"], "champion": one, "fresh": fresh}, silent)
    assert [(row["rows"], row["dropped"]) for row in found[:2]] == [(500, 0), (500, 0)]
    assert found[0]["againstChampion"] is None
    assert found[1]["againstChampion"]["candidate"] == pytest.approx(found[1]["score"])
    low, high = found[0]["interval"]
    assert low < found[0]["score"] < high
    assert "no version 99" in found[2]["problem"]


def test_after_drift_the_champion_is_asked_about_rows_that_it_never_met(training_request, tmp_path):
    first = train(training_request, silent)
    path = rows_of(tmp_path / "later.csv", 300, 800)
    later = {**training_request, **source(path, training_request["schema"])}
    second = train(later, silent)
    pair = {
        "baseline": first["candidates"][0]["version"],
        "candidate": second["candidates"][0]["version"],
        "newerOnly": True,
    }
    [found] = compare(asked(training_request, pair), silent)
    assert 60 < found["rows"] < 120
    assert found["rows"] + found["dropped"] == second["split"]["testRows"]
    assert 0 < found["comparison"]["baseline"] < 1


def columns(request):
    return [column["name"] for column in request["schema"]["features"]]


def asked_check(request, version, names=None):
    return {"store": request["store"], "version": version, "columns": names or columns(request)}


def test_a_version_that_answers_as_it_did_passes_the_check(trained):
    request, outcome = trained
    assert check(asked_check(request, outcome["candidates"][0]["version"]), silent)["goldenRows"] == 80


def test_a_version_gives_its_held_out_rows_with_the_answers_that_its_model_gives(trained):
    request, outcome = trained
    version = outcome["candidates"][0]["version"]
    found = golden({"store": request["store"], "version": version}, silent)
    assert [len(found["rows"]), len(found["probabilities"])] == [80, 80]
    assert found["columns"] == columns(request)
    stored = stored_versions(connect(request["store"]["trackingUri"]), request["store"]["model"])
    frame = pd.DataFrame(found["rows"], columns=found["columns"])
    now = scoring.probabilities(scoring.load(stored, version), frame, found["columns"])
    assert now.tolist() == found["probabilities"]
    json.dumps(found, allow_nan=False)


def test_a_version_for_other_columns_or_none_at_all_does_not_pass(trained):
    request, outcome = trained
    version = outcome["candidates"][0]["version"]
    with pytest.raises(ChurnOpsError) as caught:
        check(asked_check(request, version, columns(request)[1:]), silent)
    assert caught.value.code == "SCHEMA_MISMATCH"
    with pytest.raises(ChurnOpsError) as caught:
        check(asked_check(request, "77"), silent)
    assert caught.value.code == "VERSION_UNKNOWN"


def test_a_damaged_model_and_one_that_answers_otherwise_do_not_pass(training_request):
    outcome = train(training_request, silent)
    client = connect(training_request["store"]["trackingUri"])
    damaged, swapped, other = (candidate["version"] for candidate in outcome["candidates"][:3])
    folder = {v: version_folder(client, "RandomForestGridSearch", v) for v in (damaged, swapped, other)}
    (folder[damaged] / "model.skops").write_bytes(b"no archive")
    (folder[swapped] / "model.skops").write_bytes((folder[other] / "model.skops").read_bytes())
    # Whoever can write files and tags can sign them anew; the stored answers still tell.
    sign(client, swapped)
    for version in (damaged, swapped):
        with pytest.raises(ChurnOpsError) as caught:
            check(asked_check(training_request, version), silent)
        assert caught.value.code == "MODEL_INTEGRITY"


def test_a_model_with_a_type_that_is_not_on_our_list_is_never_loaded(training_request):
    import skops.io

    outcome = train(training_request, silent)
    version = outcome["candidates"][0]["version"]
    client = connect(training_request["store"]["trackingUri"])
    file = version_folder(client, "RandomForestGridSearch", version) / "model.skops"
    skops.io.dump({"payload": np.random.RandomState, "call": silent}, file)
    assert zipfile.is_zipfile(file)
    sign(client, version)
    with pytest.raises(ChurnOpsError, match="not allowed"):
        check(asked_check(training_request, version), silent)
