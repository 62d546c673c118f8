"""The paired bootstrap that the gate rests on."""

import numpy as np
import pytest

from churn_ops.registry.compare import paired
from churn_ops.training.fit.measure import decision_metrics
from churn_ops.training.fit.threshold import choose_threshold

F1 = {"kind": "f1"}


def f1(labels, answers):
    caught = np.sum(labels & answers)
    return 2 * caught / (labels.sum() + answers.sum())


def alone(labels):
    """A customer a row."""
    return np.arange(len(labels))


@pytest.fixture
def rows():
    draw = np.random.default_rng(3)
    labels = (draw.random(1_400) < 0.27).astype(np.int64)
    baseline = np.where(draw.random(1_400) < 0.8, labels, 1 - labels).astype(bool)
    candidate = np.where(draw.random(1_400) < 0.85, labels, 1 - labels).astype(bool)
    return labels, baseline, candidate


def test_scores_are_those_of_the_rows_themselves(rows):
    labels, baseline, candidate = rows
    found = paired.paired_difference(labels, baseline, candidate, alone(labels), F1, 500, 1, 0.95)
    assert found["baseline"] == pytest.approx(f1(labels, baseline))
    assert found["candidate"] == pytest.approx(f1(labels, candidate))
    assert found["difference"] == pytest.approx(found["candidate"] - found["baseline"])


def test_drawing_counts_gives_the_interval_of_drawing_rows(rows):
    labels, baseline, candidate = rows
    found = paired.paired_difference(labels, baseline, candidate, alone(labels), F1, 20_000, 1, 0.95)
    draw = np.random.default_rng(9)
    differences = []
    for _ in range(4_000):
        some = draw.integers(0, len(labels), len(labels))
        differences.append(f1(labels[some], candidate[some]) - f1(labels[some], baseline[some]))
    assert found["low"] == pytest.approx(np.quantile(differences, 0.05), abs=0.002)
    assert found["interval"] == pytest.approx(np.quantile(differences, [0.025, 0.975]), abs=0.002)


def test_the_same_seed_gives_the_same_interval_and_equal_answers_give_none(rows):
    labels, baseline, candidate = rows
    once = paired.paired_difference(labels, baseline, candidate, alone(labels), F1, 500, 4, 0.95)
    assert once == paired.paired_difference(labels, baseline, candidate, alone(labels), F1, 500, 4, 0.95)
    assert paired.paired_difference(labels, baseline, baseline, alone(labels), F1, 500, 4, 0.95)["interval"] == [
        0.0,
        0.0,
    ]


def test_capacity_takes_as_many_customers_as_can_be_contacted(rows):
    metric = {"kind": "precision@capacity", "capacity": 0.25}
    assert paired.answers(np.array([0.1, 0.9, 0.5, 0.7]), 0.05, metric).tolist() == [False, True, False, False]
    labels, baseline, candidate = rows
    found = paired.paired_difference(labels, baseline, candidate, alone(labels), metric, 500, 1, 0.95)
    assert found["candidate"] == pytest.approx(labels[candidate].mean())


def test_profit_counts_what_contacting_brings_and_costs(rows):
    labels, baseline, candidate = rows
    found = paired.paired_difference(
        labels, baseline, candidate, alone(labels), {"kind": "profit", "value": 5.0, "cost": 1.0}, 500, 1, 0.95
    )
    assert found["baseline"] == pytest.approx((5 * labels[baseline].sum() - baseline.sum()) / len(labels))


def test_a_model_that_flags_nobody_scores_zero(rows):
    labels, baseline, _ = rows
    nobody = np.zeros(len(labels), dtype=bool)
    assert paired.paired_difference(labels, baseline, nobody, alone(labels), F1, 200, 1, 0.95)["candidate"] == 0.0


def test_the_interval_of_one_model_holds_its_score(rows):
    labels, baseline, _ = rows
    low, high = paired.interval(labels, baseline, alone(labels), F1, 2_000, 1)
    assert low < f1(labels, baseline) < high


def test_copies_of_all_customers_say_nothing_new(rows):
    labels, baseline, candidate = rows
    groups = np.tile(alone(labels), 3)
    once = paired.paired_difference(labels, baseline, candidate, alone(labels), F1, 4_000, 1, 0.95)
    thrice = paired.paired_difference(
        *(np.tile(values, 3) for values in (labels, baseline, candidate)), groups, F1, 4_000, 1, 0.95
    )
    assert thrice["difference"] == pytest.approx(once["difference"])
    assert thrice["interval"] == pytest.approx(once["interval"], abs=0.002)
    assert thrice["standardError"] == pytest.approx(once["standardError"], rel=0.05)


def test_the_standard_error_is_the_spread_of_the_draws(rows):
    labels, baseline, candidate = rows
    found = paired.paired_difference(labels, baseline, candidate, alone(labels), F1, 20_000, 1, 0.95)
    assert found["difference"] - found["low"] == pytest.approx(1.645 * found["standardError"], rel=0.05)


@pytest.mark.parametrize(
    "metric", [F1, {"kind": "precision@capacity", "capacity": 0.1}, {"kind": "profit", "value": 1.0, "cost": 0.2}]
)
@pytest.mark.parametrize("answer", [0, 1, "label"])
def test_no_interval_of_a_score_is_a_point(metric, answer):
    labels = np.array([1, 1, *[0] * 300])
    answers = (labels if answer == "label" else np.full(len(labels), answer)).astype(bool)
    found = paired.interval(labels, answers, alone(labels), metric, 500, 1)
    if found is not None:
        low, high = found
        assert low < high
        assert low <= paired.score(labels, answers, metric) <= high


@pytest.mark.parametrize(("share", "rows", "count"), [(0.1, 53, 5), (0.1, 57, 6), (0.001, 20, 1), (1, 7, 7)])
def test_a_capacity_is_the_same_number_for_gate_threshold_and_metrics(share, rows, count):
    probabilities = np.linspace(0.9, 0.1, rows)
    labels = np.zeros(rows, dtype=np.int64)
    labels[:count] = 1
    assert paired.answers(probabilities, 0.5, {"kind": "precision@capacity", "capacity": share}).sum() == count
    rule = {"kind": "capacity", "share": share}
    threshold = choose_threshold(rule, labels, probabilities, None)
    assert np.sum(probabilities >= threshold) == count
    measured = decision_metrics(rule, labels, probabilities, None, threshold)
    assert measured == {"precision_at_capacity": 1.0}
