import csv
import hashlib
import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drift_store import SCHEMA, features_of, make_rows, make_store

from churn_ops.drift.retraining import retraining_table
from churn_ops.drift.window import sample_rows, window
from churn_ops.errors import ChurnOpsError
from churn_ops.process.json_values import finite
from churn_ops.table.read_table import read_table
from churn_ops.table.row_hash import content_keys
from churn_ops.training.train import train


def silent(*_):
    return None


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    address, _ = make_store(tmp_path_factory.mktemp("store"), make_rows(200, 1), make_rows(60, 2))
    return address


def ask(store, **changes):
    file = Path(tempfile.mkdtemp()) / "window.parquet"
    request = {
        "store": store,
        "version": "1",
        "schema": SCHEMA,
        "source": {"kind": "held-out"},
        "sample": 40,
        "seed": 7,
        "changes": [],
        "file": str(file),
    }
    asked = {**request, **changes}
    return {**window(asked, silent), "of": {name: asked[name] for name in ("store", "version", "schema", "file")}}


def file_source(path, rows):
    columns = {
        "tenure": rows["tenure"].astype(int),
        "MonthlyCharges": ["" if np.isnan(value) else value for value in rows["MonthlyCharges"]],
        "plan": rows["plan"],
        "left": rows["label"].map({1: "Yes", 0: "No", -1: ""}),
    }
    pd.DataFrame(columns).to_csv(path, index=False)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    dataset = {"path": str(path), "sha256": digest, "rows": len(rows)}
    return {"kind": "file", "dataset": dataset, "invalidRecords": []}


DRIFT = [
    {"kind": "random-integers", "column": "tenure", "from": 0, "to": 9},
    {"kind": "scale", "column": "MonthlyCharges", "factor": 1.5},
]


def test_the_same_seed_draws_the_same_rows_and_another_seed_draws_others(store):
    first, again, other = ask(store), ask(store), ask(store, seed=8)
    assert finite(first["rows"]) == finite(again["rows"])
    assert finite(first["rows"]) != finite(other["rows"])
    assert len(first["rows"]) == 40
    assert first["columns"] == ["tenure", "MonthlyCharges", "plan"]


def test_a_sample_repeats_no_row_and_stops_at_the_end_of_the_table():
    chosen = sample_rows(100, 30, 1)
    assert len(set(chosen.tolist())) == 30
    assert sample_rows(5, 30, 1).tolist() == [0, 1, 2, 3, 4]


def test_a_missing_value_crosses_as_null(store):
    crossed = json.loads(json.dumps(finite(ask(store, sample=60)), allow_nan=False))
    blanks = sum(charges is None for _, charges, _ in crossed["rows"])
    assert blanks == make_rows(60, 2)["MonthlyCharges"].isna().sum() > 0


def test_simulated_drift_alters_the_two_columns_and_nothing_else(store):
    before, after = ask(store), ask(store, changes=DRIFT)
    assert all(0 <= tenure <= 9 for tenure, _, _ in after["rows"])
    assert len({tenure for tenure, _, _ in after["rows"]}) > 5
    assert [plan for _, _, plan in before["rows"]] == [plan for _, _, plan in after["rows"]]
    for old, new in zip(before["rows"], after["rows"], strict=True):
        assert new[1] == pytest.approx(old[1] * 1.5, nan_ok=True)


def test_rows_of_the_training_are_known_and_changed_or_new_ones_are_not(store, tmp_path):
    known = pd.concat([make_rows(200, 1), make_rows(60, 2)])
    assert ask(store)["sameData"] is True
    assert ask(store, changes=DRIFT)["sameData"] is False
    assert ask(store, source=file_source(tmp_path / "known.csv", known))["sameData"] is True
    assert ask(store, source=file_source(tmp_path / "new.csv", make_rows(50, 9)))["sameData"] is False


def test_a_table_without_a_target_is_not_labelled(store, tmp_path):
    path = tmp_path / "unlabelled.csv"
    features_of(make_rows(50, 3)).fillna(30).astype({"tenure": int}).to_csv(path, index=False)
    dataset = {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "rows": 50}
    drawn = ask(store, source={"kind": "file", "dataset": dataset, "invalidRecords": [0]}, sample=1000)
    assert drawn["labelled"] is False
    assert len(drawn["rows"]) == 49


def test_columns_that_the_version_never_stored_are_refused(store):
    new = {"name": "region", "kind": "category", "values": [], "closed": False, "blank": True}
    other = {**SCHEMA, "features": [*SCHEMA["features"], new]}
    with pytest.raises(ChurnOpsError) as failure:
        ask(store, schema=other)
    assert failure.value.code == "SCHEMA_MISMATCH"
    assert failure.value.details["missing"] == ["region"]


def test_a_version_whose_answers_are_damaged_is_refused(tmp_path):
    address, _ = make_store(tmp_path, make_rows(30, 1), make_rows(30, 2))
    [answers] = tmp_path.glob("mlruns/**/predictions/reference.csv")
    answers.write_text("\n".join(answers.read_text().splitlines()[:-3]))
    with pytest.raises(ChurnOpsError) as failure:
        ask(address)
    assert failure.value.code == "MODEL_INTEGRITY"


def test_the_retraining_table_holds_the_reference_and_each_new_row_once(store, tmp_path):
    new = make_rows(30, 9).assign(tenure=lambda rows: rows["tenure"] + 100)
    mixed = pd.concat([make_rows(200, 1).head(20), new, make_rows(5, 8).assign(label=-1)])
    drawn = ask(store, source=file_source(tmp_path / "mixed.csv", mixed), sample=1000)
    target = tmp_path / "made" / "table.csv"
    written = retraining_table({**drawn["of"], "path": str(target)}, silent)
    assert written == {"path": str(target), "rows": 230, "newRows": 30}
    with target.open(newline="") as file:
        assert next(csv.reader(file)) == ["customer", "tenure", "MonthlyCharges", "plan", "left"]
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    table = read_table(str(target), digest, 230, [], SCHEMA)
    expected = pd.concat([make_rows(200, 1), new])
    assert table.labels.tolist() == expected["label"].tolist()
    assert content_keys(table.features).tolist() == content_keys(features_of(expected)).tolist()
    assert sorted(path.name for path in Path(target.parent).iterdir()) == ["table.csv"]


def test_rows_of_a_table_with_dates_can_be_learned_from_again(training_request, tmp_path):
    path = Path(training_request["dataset"]["path"])
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table["day"] = [f"2024-01-{1 + place % 28:02d}" for place in range(len(table))]
    learned, new = table.head(360), table.tail(40)

    def dataset(rows):
        rows.to_csv(path, index=False)
        content = path.read_bytes()
        return {"path": str(path), "sha256": hashlib.sha256(content).hexdigest(), "rows": len(rows)}

    schema = {**training_request["schema"], "date": "day"}
    candidates = training_request["candidates"][:1]
    request = {**training_request, "schema": schema, "candidates": candidates, "dataset": dataset(learned)}
    outcome = train(request, silent)
    asked = {"schema": schema}
    source = {"kind": "file", "dataset": dataset(new.assign(day=[*new["day"][:39], ""])), "invalidRecords": []}
    drawn = ask(request["store"], **asked, source=source, sample=1000)
    target = tmp_path / "again.csv"
    written = retraining_table({**drawn["of"], "path": str(target)}, silent)
    kept = outcome["split"]["trainRows"]
    # The row without a date cannot be learned from.
    assert (written["newRows"], written["rows"]) == (39, kept + 39)
    made = pd.read_csv(target, dtype=str, keep_default_na=False)
    assert made["day"].tail(39).tolist() == new["day"].head(39).tolist()
    assert set(made["day"].head(kept)) == {f"2024-01-{day:02d}" for day in range(1, 29)}
