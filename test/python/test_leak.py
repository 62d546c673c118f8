"""The look at single columns before a training."""

import time

import numpy as np
import pandas as pd
import pytest
from conftest import DATA, telco_schema
from sklearn.metrics import roc_auc_score

from churn_ops.errors import ChurnOpsError
from churn_ops.training.fit import leak


@pytest.fixture(scope="module")
def telco():
    table = pd.read_csv(DATA, dtype=str, keep_default_na=False)
    schema = telco_schema()
    for column in schema["features"]:
        if column["kind"] == "number":
            table[column["name"]] = pd.to_numeric(table[column["name"]], errors="coerce")
    return table, (table["Churn"] == "Yes").to_numpy(dtype=np.int64), np.arange(len(table)), schema


def with_column(telco, name, kind, values):
    table, labels, groups, schema = telco
    added = {**schema, "features": [*schema["features"], {"name": name, "kind": kind}]}
    return table.assign(**{name: values}), labels, groups, added


def test_the_telco_table_has_no_leak_and_is_looked_at_in_a_moment(telco):
    started = time.perf_counter()
    assert leak.check(*telco) == []
    assert time.perf_counter() - started < 1


def test_a_number_counts_by_its_rank_in_either_direction(telco):
    table, labels, *_ = telco
    expected = 1 - roc_auc_score(labels, table["tenure"])
    assert leak.column_auc(table["tenure"], labels, np.arange(len(labels)), "number") == pytest.approx(expected)
    assert expected > 0.7


@pytest.mark.parametrize("kind", ["number", "category"])
def test_a_column_that_repeats_the_target_stops_training_by_its_name(telco, kind):
    _, labels, *_ = telco
    values = labels.astype(float) if kind == "number" else np.where(labels == 1, "gone", "here").astype(object)
    with pytest.raises(ChurnOpsError) as caught:
        leak.check(*with_column(telco, "CancelledFlag", kind, values))
    assert caught.value.code == "DATA_LEAK"
    assert "CancelledFlag (AUC 1.000)" in caught.value.message
    assert caught.value.details["columns"] == [{"name": "CancelledFlag", "auc": 1.0}]


def test_a_number_that_is_blank_for_all_who_stayed_stops_training(telco):
    _, labels, *_ = telco
    days = np.random.default_rng(1).integers(1, 30, len(labels)).astype(float)
    with pytest.raises(ChurnOpsError, match="DaysSinceExit"):
        leak.check(*with_column(telco, "DaysSinceExit", "number", np.where(labels == 1, days, np.nan)))


def test_a_column_that_nearly_tells_is_warned_about_by_name(telco):
    _, labels, *_ = telco
    noisy = np.where(np.random.default_rng(1).random(len(labels)) < 0.95, labels, 1 - labels)
    values = np.where(noisy == 1, "unhappy", "happy").astype(object)
    (warning,) = leak.check(*with_column(telco, "Mood", "category", values))
    assert warning.startswith("Mood alone predicts churn with an AUC of 0.9")


def test_a_category_with_a_value_for_each_row_cannot_flatter_itself(telco):
    table, labels, *_ = telco
    names = np.array([f"customer {row}" for row in range(len(labels))], dtype=object)
    assert leak.column_auc(pd.Series(names), labels, np.arange(len(labels)), "category") == pytest.approx(0.5)
    in_sample = pd.Series(labels).groupby(names).transform("mean")
    assert roc_auc_score(labels, in_sample) == 1
    assert len(table) == len(labels)


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [
        ("category", ["Spain"], "Region is Spain in every training row"),
        ("number", [3.0], "Region is 3 in every training row"),
        ("category", [None], "Region is missing in every training row"),
        ("number", [np.nan], "Region is missing in every training row"),
    ],
)
def test_a_column_that_teaches_nothing_is_named(telco, kind, values, says):
    rows = len(telco[1])
    (warning,) = leak.check(*with_column(telco, "Region", kind, pd.Series(values * rows)))
    assert warning.startswith(says)


def test_one_value_beside_blanks_is_no_constant(telco):
    _, labels, *_ = telco
    values = np.where(np.arange(len(labels)) % 2 == 0, "x", None)
    assert leak.check(*with_column(telco, "Note", "category", values)) == []


def test_a_name_that_both_rows_of_a_customer_share_is_no_leak(telco):
    table, labels, groups, schema = telco
    twice = pd.concat([table, table], ignore_index=True)
    names = [f"surname {number}" for number in range(len(table))] * 2
    added = {**schema, "features": [*schema["features"], {"name": "Surname", "kind": "category"}]}
    repeated = twice.assign(Surname=names), np.tile(labels, 2), np.tile(groups, 2), added
    assert leak.check(*repeated) == []
