"""The evidence of one candidate: numbers against their definitions, files against what is in them."""

import csv
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import DATA, telco_schema
from PIL import Image
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance as scikit_importance
from sklearn.metrics import precision_score, recall_score
from sklearn.pipeline import Pipeline

from churn_ops.statistics.wilson import wilson
from churn_ops.training.evidence import importance, leaderboard, slices, write
from churn_ops.training.evidence.facts import Facts
from churn_ops.training.fit.measure import measure
from churn_ops.training.fit.preprocessing import fit_and_transform
from churn_ops.versions.rows import Rows


@pytest.fixture(scope="module")
def facts():
    table = pd.read_csv(DATA, dtype=str, keep_default_na=False)[:3000]
    schema = telco_schema()
    names = [column["name"] for column in schema["features"]]
    for column in schema["features"]:
        values = table[column["name"]]
        number = column["kind"] == "number"
        table[column["name"]] = pd.to_numeric(values, errors="coerce") if number else values.astype(object)
    labels = (table["Churn"] == "Yes").to_numpy(dtype=np.int64)
    keys = np.array([f"k{at}" for at in range(len(table))], dtype=object)
    rows = Rows(table[names], keys, keys, keys, labels)
    train, test = rows.only(slice(0, 2200)), rows.only(slice(2200, None))
    preprocessing = fit_and_transform(schema, train.features[names], False)[0]
    forest = RandomForestClassifier(40, max_depth=6, random_state=1, oob_score=True)
    forest.fit(preprocessing.transform(train.features[names]), train.label)
    model = Pipeline([("preprocessing", preprocessing), ("classifier", forest)])
    answered = model.predict_proba(test.features[names])[:, 1]
    return Facts(
        name="RF_40_6",
        registered_model="RandomForestGridSearch",
        params={"n_estimators": 40, "max_depth": 6},
        threshold=0.3,
        held_method="out-of-bag",
        metrics={"f1_oof": 0.6, **measure(test.label, answered, 0.3, test.group, 1)},
        schema=schema,
        train=train,
        test=test,
        held=forest.oob_decision_function_[:, 1],
        answered=answered,
        training={"dataset": {"path": "/data/telco.csv", "rows": 3000, "sha256": "ab" * 32}, "splitSeed": 42},
        model=model,
        version="7",
        search=[candidate(number, 0.6 + number / 100) for number in range(1, 4)],
    )


def with_column(facts, **columns):
    return replace(facts, test=replace(facts.test, features=facts.test.features.assign(**columns)))


def candidate(number, f1_oof):
    metrics = {"f1_oof": f1_oof, "f1_score": 0.6, "f1_score_low": 0.55, "f1_score_high": 0.65}
    return {"name": f"RF_{number}", "version": str(number), "params": {"max_depth": number}, "metrics": metrics}


def test_slices_cut_by_contract_gender_senior_and_tenure_band(facts):
    found = {(item.column, item.value): item for item in slices.slices(facts)}
    contracts = [value for column, value in found if column == "Contract"]
    assert sorted(contracts) == ["Month-to-month", "One year", "Two year"]
    assert {value for column, value in found if column == "gender"} == {"Female", "Male"}
    assert {value for column, value in found if column == "SeniorCitizen"} == {"0", "1"}
    assert len([value for column, value in found if column == "tenure"]) == 3


def test_a_slice_holds_the_numbers_of_its_rows(facts):
    (item,) = [s for s in slices.slices(facts) if (s.column, s.value) == ("Contract", "Month-to-month")]
    rows = (facts.test.features["Contract"] == "Month-to-month").to_numpy()
    labels, flagged = facts.labels[rows], facts.flagged[rows]
    assert (item.rows, item.churn_rate) == (rows.sum(), pytest.approx(labels.mean()))
    assert item.predicted == pytest.approx(facts.answered[rows].mean())
    assert item.precision == pytest.approx(precision_score(labels, flagged))
    assert item.recall == pytest.approx(recall_score(labels, flagged))
    assert item.recall_low < item.recall < item.recall_high


def test_bands_of_a_whole_number_do_not_overlap_and_hold_every_row(facts):
    bands = [item for item in slices.slices(facts) if item.column == "tenure"]
    assert sum(band.rows for band in bands) == len(facts.test)
    ends = [tuple(map(int, band.value.split(" to "))) for band in bands]
    assert [start for start, _ in ends[1:]] == [end + 1 for _, end in ends[:-1]]
    first = facts.test.features["tenure"].between(*ends[0]).sum()
    assert bands[0].rows == first


def test_a_sensitive_column_gives_groups_and_no_importance(facts, tmp_path):
    names = [name for name in facts.features if name != "gender"]
    hidden = [{**column, "sensitive": column["name"] == "gender"} for column in facts.schema["features"]]
    learned = [column for column in hidden if not column["sensitive"]]
    preprocessing = fit_and_transform({**facts.schema, "features": learned}, facts.train.features[names], False)[0]
    forest = RandomForestClassifier(5, max_depth=3, random_state=1)
    forest.fit(preprocessing.transform(facts.train.features[names]), facts.train.label)
    model = Pipeline([("preprocessing", preprocessing), ("classifier", forest)])
    other = replace(facts, schema={**facts.schema, "features": hidden}, model=model)
    assert "gender" not in {item.column for item in importance.permutation_importance(other)}
    assert "gender" in {item.column for item in slices.slices(other)}
    card = write.write_card(tmp_path, other).read_text(encoding="utf-8")
    assert "not used by the model, only for groups: gender." in card


def test_small_groups_are_left_out_and_blanks_are_a_group(facts):
    contract = facts.test.features["Contract"].to_numpy(dtype=object).copy()
    contract[:40] = None
    contract[40:50] = "Three year"
    found = slices.slices(with_column(facts, Contract=contract))
    values = {item.value: item.rows for item in found if item.column == "Contract"}
    assert values[slices.BLANK] == 40
    assert "Three year" not in values


def test_a_number_with_blanks_gets_a_band_for_them(facts):
    charges = facts.test.features["TotalCharges"].to_numpy().copy()
    charges[:100] = np.nan
    found = slices.slices(with_column(facts, TotalCharges=charges))
    assert [item.rows for item in found if (item.column, item.value) == ("TotalCharges", slices.BLANK)] == [100]


def test_the_interval_of_a_share_is_wilsons():
    low, high = wilson(np.array([0, 5, 10]), np.array([10, 10, 10]))
    assert low == pytest.approx([0, 0.2366, 0.7225], abs=1e-4)
    assert high == pytest.approx([0.2775, 0.7634, 1], abs=1e-4)


def test_importance_agrees_with_scikit_learns_and_is_the_same_with_threads(facts):
    found = importance.permutation_importance(facts)
    own = scikit_importance(
        facts.model,
        facts.test.features[facts.features],
        facts.labels,
        scoring="average_precision",
        n_repeats=5,
        random_state=3,
    )
    expected = dict(zip(facts.features, own.importances_mean, strict=True))
    assert found[0].column in sorted(expected, key=expected.get)[-2:]
    for item in found:
        assert item.loss == pytest.approx(expected[item.column], abs=0.05)
    assert importance.permutation_importance(facts, threads=2) == found


def test_a_card_is_written_in_a_moment_and_says_what_it_must(facts, tmp_path):
    write.write_card(tmp_path, facts)
    started = time.perf_counter()
    card = write.write_card(tmp_path, facts).read_text(encoding="utf-8")
    assert time.perf_counter() - started < 0.3
    for words in (
        "# RandomForestGridSearch version 7",
        "`telco.csv`, 3,000 rows",
        "Training: 2,200 rows",
        "`max_depth`: `6`",
        "chosen on out-of-bag predictions of the training rows, with the highest F1",
        f"| F1 at the threshold | {facts.metrics['f1_score']:.4f} | {facts.metrics['f1_score_low']:.4f} to",
        "| Contract | Two year |",
        "## Missing and unknown values",
        "TotalCharges (",
        "one of 3 candidates",
        'mlflow.pyfunc.load_model("models:/RandomForestGridSearch/7")',
    ):
        assert words in card
    assert "/data/" not in card


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"kind": "0.5"}, "Threshold: 0.3, fixed."),
        ({"kind": "capacity", "share": 0.1}, "to flag as many customers as can be contacted (share 0.1)"),
    ],
)
def test_a_card_tells_how_the_threshold_was_chosen(facts, tmp_path, rule, words):
    other = replace(facts, training={**facts.training, "threshold": rule})
    assert words in write.write_card(tmp_path, other).read_text(encoding="utf-8")


def test_a_value_with_a_bar_does_not_break_the_cards_table(facts, tmp_path):
    odd = with_column(facts, Contract="a|b")
    assert "| Contract | a\\|b |" in write.write_card(tmp_path, odd).read_text(encoding="utf-8")


def test_evidence_is_pictures_tables_and_the_card(facts, tmp_path):
    files = write.write_evidence(tmp_path, facts)
    assert files[0] == tmp_path / "model_card.md"
    assert "## Feature importance" in files[0].read_text(encoding="utf-8")
    pictures = {file.stem for file in files if file.suffix == ".png"}
    curves = {"roc", "precision_recall", "calibration", "threshold", "confusion_matrix"}
    assert pictures == {*curves, "importance", "leaderboard"}
    for file in files:
        if file.suffix == ".png":
            with Image.open(file) as picture:
                assert picture.format == "PNG"
                assert picture.convert("L").getextrema()[0] < 100 < picture.size[0]
    with (tmp_path / "evidence" / "slices.csv").open() as file:
        assert len(list(csv.DictReader(file))) == len(slices.slices(facts))


def test_the_leaderboard_ranks_by_the_rows_of_training_and_then_by_age(facts, tmp_path):
    search = [candidate(10, 0.6), candidate(2, 0.6), candidate(1, 0.5)]
    search.append({"name": "failed", "version": "4", "metrics": {"f1_oof": None}})
    assert [item["version"] for item in leaderboard.ranked(search)] == ["2", "10", "1", "4"]
    leaderboard.write_csv(search, tmp_path / "leaderboard.csv")
    with (tmp_path / "leaderboard.csv").open() as file:
        assert [row["max_depth"] for row in csv.DictReader(file)] == ["2", "10", "1", ""]
    words = leaderboard.markdown(search, "M")
    assert "Best of 4: **M version 2**" in words
    assert "| 4 | 4 | failed | - | - | - to - |" in words


def test_rows_of_one_class_still_give_evidence(facts, tmp_path):
    loyal = facts.labels == 0
    test = facts.test.only(loyal)
    files = write.write_evidence(tmp_path, replace(facts, test=test, answered=facts.answered[loyal]))
    assert {"calibration.png", "slices.csv"} <= {file.name for file in files}
    assert not {"roc.png", "importance.png"} & {file.name for file in files}


def test_intervals_of_groups_count_customers_and_not_their_rows(facts):
    rows = np.tile(np.arange(len(facts.test)), 2)
    twice = replace(facts, test=facts.test.only(rows), answered=facts.answered[rows])
    for before, after in zip(slices.slices(facts), slices.slices(twice), strict=True):
        assert after.rows == 2 * before.rows
        assert (after.churn_low, after.churn_high) == pytest.approx((before.churn_low, before.churn_high))
        assert (after.recall_low, after.precision_high) == pytest.approx((before.recall_low, before.precision_high))
