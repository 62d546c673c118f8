"""The paired bootstrap that the gate rests on."""

import numpy as np
import pytest

from churn_ops.registry import paired

F1 = {"kind": "f1"}


def f1(labels, answers):
    caught = np.sum(labels & answers)
    return 2 * caught / (labels.sum() + answers.sum())


@pytest.fixture
def rows():
    draw = np.random.default_rng(3)
    labels = (draw.random(1_400) < 0.27).astype(np.int64)
    baseline = np.where(draw.random(1_400) < 0.8, labels, 1 - labels).astype(bool)
    candidate = np.where(draw.random(1_400) < 0.85, labels, 1 - labels).astype(bool)
    return labels, baseline, candidate


def test_scores_are_those_of_the_rows_themselves(rows):
    labels, baseline, candidate = rows
    found = paired.paired_difference(labels, baseline, candidate, F1, 500, 1, 0.95)
    assert found["baseline"] == pytest.approx(f1(labels, baseline))
    assert found["candidate"] == pytest.approx(f1(labels, candidate))
    assert found["difference"] == pytest.approx(found["candidate"] - found["baseline"])


def test_drawing_counts_gives_the_interval_of_drawing_rows(rows):
    labels, baseline, candidate = rows
    found = paired.paired_difference(labels, baseline, candidate, F1, 20_000, 1, 0.95)
    draw = np.random.default_rng(9)
    differences = []
    for _ in range(4_000):
        some = draw.integers(0, len(labels), len(labels))
        differences.append(f1(labels[some], candidate[some]) - f1(labels[some], baseline[some]))
    assert found["low"] == pytest.approx(np.quantile(differences, 0.05), abs=0.002)
    assert found["interval"] == pytest.approx(np.quantile(differences, [0.025, 0.975]), abs=0.002)


def test_the_same_seed_gives_the_same_interval_and_equal_answers_give_none(rows):
    labels, baseline, candidate = rows
    once = paired.paired_difference(labels, baseline, candidate, F1, 500, 4, 0.95)
    assert once == paired.paired_difference(labels, baseline, candidate, F1, 500, 4, 0.95)
    assert paired.paired_difference(labels, baseline, baseline, F1, 500, 4, 0.95)["interval"] == [0.0, 0.0]


def test_capacity_takes_as_many_customers_as_can_be_contacted(rows):
    metric = {"kind": "precision@capacity", "capacity": 0.25}
    assert paired.answers(np.array([0.1, 0.9, 0.5, 0.7]), 0.05, metric).tolist() == [False, True, False, False]
    labels, baseline, candidate = rows
    found = paired.paired_difference(labels, baseline, candidate, metric, 500, 1, 0.95)
    assert found["candidate"] == pytest.approx(labels[candidate].mean())


def test_profit_counts_what_contacting_brings_and_costs(rows):
    labels, baseline, candidate = rows
    found = paired.paired_difference(
        labels, baseline, candidate, {"kind": "profit", "value": 5.0, "cost": 1.0}, 500, 1, 0.95
    )
    assert found["baseline"] == pytest.approx((5 * labels[baseline].sum() - baseline.sum()) / len(labels))


def test_a_model_that_flags_nobody_scores_zero(rows):
    labels, baseline, _ = rows
    nobody = np.zeros(len(labels), dtype=bool)
    assert paired.paired_difference(labels, baseline, nobody, F1, 200, 1, 0.95)["candidate"] == 0.0


def test_the_interval_of_one_model_holds_its_score(rows):
    labels, baseline, _ = rows
    low, high = paired.interval(labels, baseline, F1, 2_000, 1)
    assert low < f1(labels, baseline) < high
