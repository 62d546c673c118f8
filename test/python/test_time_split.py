"""The split by time: by instants, between two of them, and honest about what it leaves out."""

import numpy as np
import pytest

from churn_ops.errors import ChurnOpsError
from churn_ops.training.fit.instants import instants
from churn_ops.training.fit.split import split_rows
from churn_ops.training.fit.time_split import time_facts


def objects(values):
    return np.array(list(values), dtype=object)


def test_instants_are_compared_and_not_texts():
    texts = [
        "0000-02-29",
        "2024-03-01T00:00:00+14:00",
        "2024-02-29T11:30",
        "2024-03-01",
        "2024-03-01T00:00:00.000001Z",
        "2024-02-29T23:00:00.5-02:00",
        "9999-12-31",
    ]
    read = instants(objects(texts))
    assert (np.diff(read) > 0).all()
    same = instants(objects(["2024-03-01", "2024-03-01T00:00", "2024-03-01T02:00:00+02:00"]))
    assert len(set(same.tolist())) == 1


def test_offsets_move_a_row_to_the_side_of_its_instant():
    dates = [f"2024-01-{day:02d}T12:00:00Z" for day in range(1, 11)]
    # The text of the first sorts last, its instant first; the second the other way round.
    dates[0], dates[9] = "2024-01-11T00:00:00+14:00", "2024-01-10T23:30:00-12:00"
    learned, tested = split_rows("time", objects(f"c{row}" for row in range(10)), 1, {}, objects(dates))
    moments = instants(objects(dates))
    assert moments[learned].max() < moments[tested].min()
    assert 9 in tested.tolist()


def test_no_training_row_is_later_than_a_test_row_when_customers_return():
    random = np.random.default_rng(3)
    customers = objects(f"c{number}" for number in random.integers(0, 120, 600))
    days = np.datetime64("2023-01-01") + random.integers(0, 600, 600)
    dates = objects(days.astype(str))
    learned, tested = split_rows("time", customers, 42, {}, dates)
    assert max(dates[learned]) < min(dates[tested])
    assert 0.15 <= len(tested) / 600 <= 0.25
    assert not set(customers[learned]) & set(customers[tested])
    facts = time_facts(customers, dates, learned, tested)
    assert len(learned) + len(tested) + facts["leftOut"]["rows"] == 600
    assert facts["leftOut"]["customers"] <= len(set(customers[tested]))
    assert (facts["trainUntil"], facts["testFrom"]) == (max(dates[learned]), min(dates[tested]))
    # Every row before the cut of a customer who is not tested is learned from.
    early = [row for row in range(600) if dates[row] < facts["testFrom"] and customers[row] not in customers[tested]]
    assert sorted(learned.tolist()) == early


def test_known_sides_never_beat_time():
    dates = objects(f"2024-01-{day:02d}" for day in range(1, 21))
    customers = objects(f"c{row}" for row in range(20))
    known = dict.fromkeys(customers.tolist(), 0) | {"c0": 1, "c1": 1}
    learned, tested = split_rows("time", customers, 42, known, dates)
    assert sorted(tested.tolist()) == [16, 17, 18, 19]
    assert sorted(learned.tolist()) == list(range(16))


def test_the_cut_next_to_a_tie_is_the_nearest_one():
    # The last 30 rows share a date but for the last 18: 18 % is nearer to a fifth than 30 %.
    dates = objects(["2024-01-01"] * 70 + ["2024-02-01"] * 12 + ["2024-03-01"] * 18)
    _, tested = split_rows("time", objects(f"c{row}" for row in range(100)), 42, {}, dates)
    assert sorted(tested.tolist()) == list(range(82, 100))


@pytest.mark.parametrize(
    ("dates", "named", "tied"),
    [
        (["2024-01-01"] * 50 + ["2024-02-01"] * 40 + ["2024-03-01"] * 10, "2024-02-01", 40),
        (["2024-01-01"] * 34 + ["2024-02-01"] * 33 + ["2024-03-01"] * 33, "2024-03-01", 33),
        (["2024-01-01"] * 95 + ["2024-03-01"] * 5, "2024-01-01", 95),
        (["2024-01-01"] * 40, "2024-01-01", 40),
    ],
)
def test_a_tie_that_moves_the_share_too_far_is_refused_by_name(dates, named, tied):
    customers = objects(f"c{row}" for row in range(len(dates)))
    with pytest.raises(ChurnOpsError) as refusal:
        split_rows("time", customers, 42, {}, objects(dates))
    error = refusal.value
    assert error.code == "DATA_DATES"
    assert f"{tied} rows have the date {named}" in error.message
    assert "--split id" in error.hint
