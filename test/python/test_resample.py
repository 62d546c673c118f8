"""The bootstrap of customers, and the interval of F1 that rests on it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from churn_ops.statistics.f1_interval import f1_interval
from churn_ops.statistics.resample import group_codes, resampled_counts


@pytest.mark.parametrize("kind", [np.int64, np.uint8, str, object])
def test_groups_are_numbered_in_the_order_of_their_first_rows(kind):
    groups = np.random.default_rng(4).integers(0, 200, 1000).astype(kind)
    assert group_codes(groups).tolist() == pd.factorize(groups)[0].tolist()
    assert group_codes(groups[:0]).tolist() == []


def test_one_row_a_customer_is_the_bootstrap_of_rows():
    cells = np.random.default_rng(0).integers(0, 4, 500)
    drawn = resampled_counts(cells, np.arange(500), 4, 4000, seed=1)
    counts = np.bincount(cells, minlength=4)
    assert drawn.sum(axis=1).tolist() == [500] * 4000
    own = np.random.default_rng(1).multinomial(500, counts / 500, size=4000)
    np.testing.assert_array_equal(drawn, own)


def test_customers_are_drawn_whole():
    random = np.random.default_rng(2)
    groups = random.integers(0, 60, 400)
    cells = random.integers(0, 4, 400)
    drawn = resampled_counts(cells, groups, 4, 3000, seed=3)
    slow = []
    names = np.unique(groups)
    for _ in range(3000):
        rows = np.concatenate([np.flatnonzero(groups == name) for name in random.choice(names, len(names))])
        slow.append(np.bincount(cells[rows], minlength=4))
    np.testing.assert_allclose(drawn.mean(axis=0), np.mean(slow, axis=0), rtol=0.02)
    np.testing.assert_allclose(drawn.std(axis=0), np.std(slow, axis=0), rtol=0.08)


def test_every_row_twice_leaves_the_interval_as_it_was():
    random = np.random.default_rng(5)
    labels = (random.random(500) < 0.3).astype(int)
    predicted = np.where(random.random(500) < 0.75, labels, 1 - labels)
    once = f1_interval(labels, predicted, np.arange(500), seed=1)
    twice = f1_interval(np.tile(labels, 2), np.tile(predicted, 2), np.tile(np.arange(500), 2), seed=1)
    assert twice == pytest.approx(once, abs=0.01)
    as_rows = f1_interval(np.tile(labels, 2), np.tile(predicted, 2), np.arange(1000), seed=1)
    assert (as_rows[1] - as_rows[0]) == pytest.approx((once[1] - once[0]) / 2**0.5, rel=0.1)


@pytest.mark.parametrize("churners", [1, 3, 10])
@pytest.mark.parametrize("caught", [0, 1])
def test_an_interval_of_few_churners_is_never_a_point(churners, caught):
    labels = np.zeros(200, dtype=int)
    labels[:churners] = 1
    predicted = np.zeros(200, dtype=int)
    predicted[:caught] = 1
    low, high = f1_interval(labels, predicted, np.arange(200), seed=1)
    score = f1_score(labels, predicted)
    assert 0 <= low <= score <= high <= 1
    assert high - low > 0.2


def test_a_perfect_score_is_not_certain():
    labels = np.array([1, 0] * 40)
    low, high = f1_interval(labels, labels, np.arange(80), seed=1)
    assert high == pytest.approx(1)
    assert 0.8 < low < 0.97
