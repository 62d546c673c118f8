import hashlib
import json

import numpy as np
import pytest
from drift_store import SCHEMA, THRESHOLD, answers_of, features_of, make_rows, make_store
from sklearn.metrics import f1_score
from test_drift_window import DRIFT, file_source

from churn_ops.drift import report
from churn_ops.drift.measure import measure
from churn_ops.drift.window import window

LIMITS = {
    "share": 0.5,
    "count": 2,
    "numberMethod": "wasserstein",
    "categoryMethod": "jensenshannon",
    "columnThreshold": 0.1,
}
HOSTILE = "</script><script>document.title='owned'</script>"


def silent(*_):
    return None


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_store(tmp_path_factory.mktemp("store"), make_rows(600, 1), make_rows(400, 2))


def run(made, folder, alter=None, **changes):
    address, pipeline = made
    request = {
        "store": address,
        "version": "1",
        "schema": SCHEMA,
        "source": {"kind": "held-out"},
        "sample": 400,
        "seed": 7,
        "changes": [],
        "file": str(folder.parent / f"{folder.name}-window.parquet"),
    }
    asked = {**request, **changes}
    drawn = window(asked, silent)
    answers = answers_of(pipeline, drawn)
    if alter is not None:
        answers = [alter(answer) for answer in answers]
    of = {name: asked[name] for name in ("store", "version", "schema", "file")}
    return measure({**of, "answers": answers, "limits": LIMITS, "reportFolder": str(folder)}, silent)


def pipeline_f1(pipeline, rows):
    answers = pipeline.predict_proba(features_of(rows))[:, 1] >= THRESHOLD
    return f1_score(rows["label"], answers)


def has_drifted(column):
    return column["score"] >= LIMITS["columnThreshold"]


def by_name(found):
    return {column["name"]: column for column in found["columns"]}


def test_a_clean_window_has_no_drifted_column_and_both_reports(made, tmp_path):
    found = run(made, tmp_path / "report")
    assert [column["name"] for column in found["columns"]] == ["tenure", "MonthlyCharges", "plan", "prediction"]
    assert not any(has_drifted(column) for column in found["columns"])
    assert all(column.keys() == {"name", "method", "score"} for column in found["columns"])
    assert {column["name"]: column["method"] for column in found["columns"]} == {
        "tenure": "wasserstein",
        "MonthlyCharges": "wasserstein",
        "plan": "jensenshannon",
        "prediction": "wasserstein",
    }
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["report.html", "report.json"]
    saved = json.loads((tmp_path / "report" / "report.json").read_text())
    assert {metric["metric_name"].split("(")[0] for metric in saved["metrics"]} >= {"ValueDrift", "F1Score", "RocAuc"}
    assert found["warnings"] == []


@pytest.mark.parametrize(
    ("count", "headline"), [(1, "Dataset Drift is detected"), (3, "Dataset Drift is NOT detected")]
)
def test_the_headline_of_the_page_follows_both_limits(made, tmp_path, monkeypatch, count, headline):
    monkeypatch.setitem(LIMITS, "count", count)
    monkeypatch.setitem(LIMITS, "share", 0.9)
    columns = by_name(run(made, tmp_path, changes=DRIFT)).values()
    assert 2 <= sum(has_drifted(column) for column in columns) <= 3
    assert headline in (tmp_path / "report.html").read_text()


def test_simulated_drift_shows_in_the_altered_columns_only(made, tmp_path):
    columns = by_name(run(made, tmp_path, changes=DRIFT))
    assert has_drifted(columns["tenure"])
    assert has_drifted(columns["MonthlyCharges"])
    assert not has_drifted(columns["plan"])
    assert columns["tenure"]["score"] > 0.5


def test_quality_is_what_evidently_and_scikit_learn_measure_on_honest_answers(made, tmp_path):
    found = run(made, tmp_path)
    saved = json.loads((tmp_path / "report.json").read_text())
    shown = {metric["metric_name"].split("(")[0]: metric["value"] for metric in saved["metrics"]}
    quality = found["performance"]["window"]
    assert quality["f1_score"] == pytest.approx(shown["F1Score"], abs=1e-12)
    assert quality["roc_auc"] == pytest.approx(shown["RocAuc"], abs=1e-12)
    assert quality["precision"] == pytest.approx(shown["Precision"], abs=1e-12)
    pipeline, rows = made[1], make_rows(600, 1)
    votes = pipeline[-1].oob_decision_function_[:, 1]
    expected = f1_score(rows["label"], votes >= THRESHOLD)
    assert found["performance"]["reference"]["f1_score"] == pytest.approx(expected, abs=1e-12)


def test_rows_that_the_model_learned_from_do_not_flatter_its_quality(made, tmp_path):
    source = file_source(tmp_path / "training.csv", make_rows(600, 1))
    found = run(made, tmp_path / "report", source=source, sample=1000)
    # Equal but for the few rows of equal values, which share one vote.
    assert found["performance"]["window"] == pytest.approx(found["performance"]["reference"], abs=0.003)
    in_sample = pipeline_f1(made[1], make_rows(600, 1))
    assert in_sample > found["performance"]["window"]["f1_score"] + 0.01
    assert any("trained on" in warning for warning in found["warnings"])


def test_a_window_without_labels_is_judged_without_quality(made, tmp_path):
    rows = make_rows(100, 3).drop(columns=["label", "row_key"]).dropna().astype({"tenure": int})
    path = tmp_path / "unlabelled.csv"
    rows.to_csv(path, index=False)
    source = file_source(tmp_path / "labelled.csv", make_rows(1, 3))
    source["dataset"] = {
        "path": str(path),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "rows": len(rows),
    }
    found = run(made, tmp_path / "report", source=source)
    assert found["performance"] is None
    assert found["columns"][0]["score"] is not None
    assert any("no labels" in warning for warning in found["warnings"])


def test_rows_without_a_label_are_judged_and_quality_is_measured_on_the_others(made, tmp_path):
    rows = make_rows(120, 4)
    rows.loc[:39, "label"] = -1
    found = run(made, tmp_path / "report", source=file_source(tmp_path / "some.csv", rows))
    assert found["rows"] == 120
    assert found["performance"]["rows"] == 80
    assert any(warning.startswith("40 rows have no label") for warning in found["warnings"])


def test_one_class_only_leaves_the_classification_part_out(made, tmp_path):
    rows = make_rows(120, 4).assign(label=0)
    found = run(made, tmp_path / "report", source=file_source(tmp_path / "one.csv", rows))
    assert np.isnan(found["performance"]["window"]["roc_auc"])
    assert any("one class" in warning for warning in found["warnings"])
    assert (tmp_path / "report" / "report.html").is_file()


def test_an_empty_column_cannot_be_judged_and_the_others_are(made, tmp_path):
    rows = make_rows(120, 5).assign(MonthlyCharges=np.nan, plan="")
    columns = run(made, tmp_path / "report", source=file_source(tmp_path / "empty.csv", rows))
    found = by_name(columns)
    for name in ("MonthlyCharges", "plan"):
        assert found[name]["score"] is None
    assert found["tenure"]["score"] is not None
    told = [warning for warning in columns["warnings"] if "cannot judge" in warning]
    assert [warning.split(":")[0] for warning in told] == ["MonthlyCharges", "plan"]


def test_a_column_that_is_constant_now_has_drifted(made, tmp_path):
    rows = make_rows(120, 5).assign(tenure=70.0, plan="gold")
    found = by_name(run(made, tmp_path / "report", source=file_source(tmp_path / "constant.csv", rows)))
    assert has_drifted(found["tenure"])
    assert has_drifted(found["plan"])


def test_a_number_that_was_constant_in_the_reference_cannot_be_judged(tmp_path):
    store = make_store(tmp_path, make_rows(100, 1).assign(tenure=5.0), make_rows(60, 2))
    found = by_name(run(store, tmp_path / "report"))
    assert found["tenure"]["score"] is None
    assert found["plan"]["score"] is not None


def test_blanks_and_new_values_are_told(made, tmp_path):
    rows = make_rows(120, 6, plans=("basic", "plus", "platinum"))
    rows.loc[:60, "MonthlyCharges"] = np.nan
    told = " ".join(run(made, tmp_path / "report", source=file_source(tmp_path / "new.csv", rows))["warnings"])
    assert "'platinum'" in told
    assert "MonthlyCharges" in told and "blank" in told


def test_training_rows_without_a_vote_are_left_out_and_counted(tmp_path):
    store = make_store(tmp_path, make_rows(200, 1), make_rows(60, 2), without_vote=12)
    found = run(store, tmp_path / "report")
    assert any(warning.startswith("12 training rows") for warning in found["warnings"])
    assert found["performance"]["reference"]["roc_auc"] > 0.5


def test_an_endpoint_that_tells_labels_only_is_judged_without_ranking(made, tmp_path):
    found = run(made, tmp_path, alter=lambda answer: {**answer, "probability": None, "threshold": None})
    assert np.isnan(found["performance"]["window"]["roc_auc"])
    assert found["performance"]["window"]["f1_score"] > 0.5


def test_markup_in_values_and_names_cannot_run_in_the_report(tmp_path):
    rows, test = make_rows(200, 1, plans=("basic", HOSTILE)), make_rows(60, 2, plans=("basic", HOSTILE))
    store = make_store(tmp_path, rows, test)
    found = run(store, tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text()
    assert "document.title='owned'" in page
    assert HOSTILE not in page
    assert "</script><script>document" not in page
    assert by_name(found)["plan"]["score"] is not None


def test_a_feature_named_like_an_answer_keeps_its_own_score():
    from churn_ops.drift.columns import distinct_names

    names = ["prediction", "plan", "plan", "prediction (feature)"]
    told = ["prediction (feature) (feature)", "plan", "plan (feature)", "prediction (feature)"]
    assert distinct_names(names, {"prediction"}) == told


def test_a_report_that_cannot_be_saved_leaves_nothing(tmp_path):
    class Run:
        def get_html_str(self, as_iframe):
            data = "".join(f"var {name}metric_{'0' * 32} = {{}};" for name in ("", "additional_graphs_"))
            return f'<meta charset="UTF-8"><script>{data}</script>'

        def save_json(self, path):
            raise OSError(28, "No space left on device", path)

    with pytest.raises(OSError):
        report.save(Run(), str(tmp_path / "report"))
    assert not (tmp_path / "report").exists()
