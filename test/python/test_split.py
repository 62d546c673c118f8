"""Splits that stay honest over time."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from churn_ops.training.fit.split import TEST, TRAIN, split_rows
from churn_ops.training.train import train

CUSTOMERS = np.array([f"c{number}" for number in range(200)], dtype=object)


def silent(*_):
    pass


def test_a_first_random_split_is_the_documents_row_for_row():
    learned, held_out = split_rows("random", CUSTOMERS, 42, {})
    expected = train_test_split(np.arange(200), test_size=0.2, random_state=42)
    assert learned.tolist() == expected[0].tolist()
    assert held_out.tolist() == expected[1].tolist()


def test_the_same_table_again_keeps_rows_and_their_order():
    learned, held_out = split_rows("random", CUSTOMERS, 42, {})
    known = {CUSTOMERS[row]: TRAIN for row in learned} | {CUSTOMERS[row]: TEST for row in held_out}
    again = split_rows("random", CUSTOMERS, 42, known)
    assert again[0].tolist() == learned.tolist()
    assert again[1].tolist() == held_out.tolist()


@pytest.mark.parametrize("kind", ["random", "id"])
def test_a_known_customer_keeps_its_side_while_the_table_grows(kind):
    learned, held_out = split_rows(kind, CUSTOMERS, 42, {})
    known = {CUSTOMERS[row]: TRAIN for row in learned} | {CUSTOMERS[row]: TEST for row in held_out}
    grown = np.concatenate([np.array([f"new{number}" for number in range(100)], dtype=object), CUSTOMERS[::-1]])
    later = split_rows(kind, grown, 42, known)
    assert {grown[row] for row in later[0]} >= {CUSTOMERS[row] for row in learned}
    assert {grown[row] for row in later[1]} >= {CUSTOMERS[row] for row in held_out}
    fresh = {name for name in grown if name.startswith("new")}
    assert 5 < len(fresh & {grown[row] for row in later[1]}) < 40


def test_all_rows_of_a_customer_go_to_one_side():
    repeated = np.repeat(CUSTOMERS[:50], 4)
    for kind in ("random", "id"):
        learned, held_out = split_rows(kind, repeated, 7, {})
        assert len(learned) + len(held_out) == 200
        assert not {repeated[row] for row in learned} & {repeated[row] for row in held_out}


def test_a_split_by_id_does_not_depend_on_the_rest_of_the_table():
    whole = split_rows("id", CUSTOMERS, 42, {})
    half = split_rows("id", CUSTOMERS[:100], 42, {})
    assert {row for row in whole[1] if row < 100} == set(half[1].tolist())


def test_a_split_by_time_trains_on_earlier_and_tests_on_later_rows():
    random = np.random.default_rng(1)
    dates = np.array([f"2026-{month:02d}-{day:02d}" for month in range(1, 11) for day in range(1, 21)], dtype=object)
    dates = dates[random.permutation(200)]
    learned, held_out = split_rows("time", CUSTOMERS, 42, {}, dates)
    assert max(dates[learned]) < min(dates[held_out])
    assert len(held_out) == 40


def test_a_later_training_with_more_rows_keeps_the_side_of_every_known_customer(training_request, tmp_path):
    import hashlib

    from churn_ops.artifacts.fetch import download
    from churn_ops.store.connect import connect
    from churn_ops.versions.rows import read_rows

    training_request["candidates"] = training_request["candidates"][:1]
    first = train(training_request, silent)
    data = training_request["dataset"]["path"]
    lines = Path(data).read_text(encoding="utf-8").splitlines(keepends=True)
    more = tmp_path / "more.csv"
    known = lines[0].split(",")
    at = known.index("customerID")
    fresh = []
    for number, line in enumerate(lines[1:201]):
        fields = line.split(",")
        fields[at] = f"fresh-{number}"
        fresh.append(",".join(fields))
    more.write_text("".join([lines[0], *fresh, *lines[1:]]), encoding="utf-8")
    dataset = {"path": str(more), "sha256": hashlib.sha256(more.read_bytes()).hexdigest(), "rows": 600}
    second = train({**training_request, "dataset": dataset}, silent)
    assert second["split"]["knownCustomers"] == 400
    client = connect(training_request["store"]["trackingUri"])

    def side(outcome, name):
        return set(read_rows(download(client, outcome["parentRunId"], f"data/{name}.parquet")).customer)

    assert side(first, "reference") <= side(second, "reference")
    assert side(first, "held_out") <= side(second, "held_out")
