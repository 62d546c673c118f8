"""Whether a model tells churners from others at all."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from churn_ops.statistics.skill import auc, auc_interval, measure_skill


def drawn(seed, rows=400, rate=0.3, signal=0.0):
    random = np.random.default_rng(seed)
    labels = (random.random(rows) < rate).astype(np.int64)
    return labels, np.round(random.normal(signal * labels), 2)


def measured(labels, probabilities, threshold, groups=None, draws=1_000):
    return measure_skill(
        labels, probabilities, threshold, np.arange(len(labels)) if groups is None else groups, draws, 1
    )


def test_the_numbers_are_those_of_scikit_learn():
    labels, probabilities = drawn(1, signal=1.0)
    found = measured(labels, probabilities, 0.4)
    assert found["f1"] == pytest.approx(f1_score(labels, probabilities >= 0.4))
    assert found["f1FlagAll"] == pytest.approx(f1_score(labels, np.ones(len(labels))))
    assert found["auc"] == pytest.approx(roc_auc_score(labels, probabilities))
    assert found["gain"] == pytest.approx(found["f1"] - found["f1FlagAll"])
    assert (found["rows"], found["customers"], found["churnedCustomers"]) == (400, 400, labels.sum())


def test_a_model_with_signal_is_over_flagging_everybody_and_over_chance():
    found = measured(*drawn(2, signal=1.2), 0.5)
    assert 0 < found["gainLow"] < found["gain"]
    assert 0.5 < found["aucLow"] < found["auc"] < found["aucHigh"] < 1


def test_noise_passes_for_skill_in_one_of_forty_tables_at_most():
    passed = 0
    for seed in range(400):
        labels, noise = drawn(seed, rows=200)
        # A threshold under nearly everything is what a search for the best F1 finds in noise.
        found = measured(labels, noise, np.quantile(noise, 0.05), draws=200)
        passed += found["gainLow"] > 0 and found["aucLow"] > 0.5
    assert passed <= 10


def test_the_interval_of_the_auc_holds_the_true_one_in_95_of_100():
    held = 0
    for seed in range(400):
        labels, probabilities = drawn(seed, rows=150, rate=0.15, signal=0.9)
        low, high = auc_interval(auc(labels, probabilities), labels.sum(), (1 - labels).sum())
        # Of two normal distributions 0.9 apart.
        held += low <= 0.7377 <= high
    assert 0.925 <= held / 400 <= 0.99


def test_copies_of_customers_do_not_make_noise_to_skill():
    labels, noise = drawn(11, rows=60)
    once = measured(labels, noise, 0.0, draws=4_000)
    copied = measured(*(np.tile(values, 50) for values in (labels, noise)), 0.0, np.tile(np.arange(60), 50), 4_000)
    assert (copied["rows"], copied["customers"], copied["churnedCustomers"]) == (3_000, 60, labels.sum())
    assert copied["gainLow"] == pytest.approx(once["gainLow"], abs=0.01)
    assert [copied["aucLow"], copied["aucHigh"]] == pytest.approx([once["aucLow"], once["aucHigh"]])


@pytest.mark.parametrize("area", [0.0, 0.3, 0.5, 1.0])
def test_the_interval_of_two_churners_is_wide_and_holds_the_value(area):
    low, high = auc_interval(area, 2, 300)
    assert 0 <= low <= area <= high <= 1
    assert high - low > 0.3


def test_at_one_half_the_interval_is_that_of_the_rank_test():
    low, high = auc_interval(0.5 + 1.96 * np.sqrt(201 / (12 * 40 * 160)), 40, 160)
    assert low == pytest.approx(0.5, abs=1e-4)
    assert high > 0.6


def test_rows_of_one_class_and_no_rows_have_no_auc():
    nobody = measured(np.zeros(5, dtype=np.int64), np.linspace(0, 1, 5), 0.5)
    assert (nobody["auc"], nobody["aucLow"], nobody["f1"], nobody["gainLow"]) == (None, None, 0.0, 0.0)
    empty = measured(np.zeros(0, dtype=np.int64), np.zeros(0), 0.5)
    assert (empty["rows"], empty["auc"], empty["gain"]) == (0, None, 0.0)
