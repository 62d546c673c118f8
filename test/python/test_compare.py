"""Comparing versions on rows that neither trained on."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from gate_store import MODEL, GateStore, customers

from churn_ops.errors import ChurnOpsError

HELD, TRAINED = customers(80), customers(200, start=1_000)


def probabilities(rows, wrong=0):
    """Right answers but for the first ones."""
    right = rows["label"].to_numpy(dtype=float)
    return np.where(np.arange(len(rows)) < wrong, 1 - right, right)


@pytest.fixture
def gate(store_folder):
    return GateStore(store_folder)


@pytest.fixture
def champion(gate):
    """A champion that is wrong about ten rows."""
    return gate.version(gate.search(HELD, TRAINED), HELD, TRAINED, probabilities(HELD, 10))


def test_versions_of_one_search_are_compared_on_all_their_held_out_rows(gate, champion):
    search = gate.client.get_model_version(MODEL, champion).tags["churnops.parent_run_id"]
    better = gate.version(search, HELD, TRAINED, probabilities(HELD))
    found = gate.compare(champion, better)
    assert (found["rows"], found["churners"], found["dropped"]) == (80, 20, 0)
    assert (found["customers"], found["churnedCustomers"]) == (80, 20)
    assert found["comparison"]["candidate"] == 1.0
    assert found["comparison"]["low"] > 0
    assert found["rowsSha256"] == gate.compare(better, champion)["rowsSha256"]


def test_a_champion_that_was_trained_on_the_rows_has_none_left_to_be_judged_on(gate):
    cheat = gate.version(gate.search(TRAINED, HELD), TRAINED, HELD, probabilities(TRAINED))
    honest = gate.version(gate.search(HELD, TRAINED), HELD, TRAINED, probabilities(HELD))
    found = gate.compare(cheat, honest)
    assert (found["rows"], found["comparison"], found["dropped"]) == (0, None, 280)


def doubled(rows, **columns):
    """Every row twice, the copies after all others."""
    return pd.concat([rows.assign(**columns)] * 2, ignore_index=True)


def test_copies_of_a_row_count_as_rows_of_one_customer_and_none_is_dropped(gate):
    held, trained = (doubled(rows, group=rows["row_key"]) for rows in (HELD, TRAINED))
    search = gate.search(held, trained)
    one, other = (gate.version(search, held, trained, np.tile(probabilities(HELD, wrong), 2)) for wrong in (10, 0))
    found = gate.compare(one, other)
    assert [found[name] for name in ("rows", "churners", "dropped")] == [160, 40, 0]
    assert [found[name] for name in ("customers", "churnedCustomers")] == [80, 20]
    single = gate.search(HELD, TRAINED)
    alone = gate.compare(*(gate.version(single, HELD, TRAINED, probabilities(HELD, wrong)) for wrong in (10, 0)))
    assert found["comparison"]["interval"] == pytest.approx(alone["comparison"]["interval"], abs=0.02)


def test_copies_count_in_another_search_of_the_same_table_too(gate):
    held, trained = doubled(HELD), doubled(TRAINED)
    data = {"data_sha256": "a", "schema_sha256": "b"}
    one, other = (
        gate.version(gate.search(rows, trained), rows, trained, probabilities(rows), **data)
        for rows in (held, held[::-1].reset_index(drop=True))
    )
    found = gate.compare(one, other)
    assert [found[name] for name in ("rows", "customers", "dropped")] == [160, 80, 0]


def test_copies_are_no_reason_to_give_a_customer_up_who_is_known_by_id(gate):
    def with_ids(rows, start=0):
        return doubled(rows, customer=[f"c{n}" for n in range(start, start + len(rows))])

    held, trained = with_ids(HELD), with_ids(TRAINED, 1_000)
    few_held, few_trained = with_ids(customers(80, columns=2)), with_ids(customers(200, 1_000, 2), 1_000)
    # In another order than that of the first search, so that places tell nothing.
    few_held = few_held[::-1].reset_index(drop=True)
    one = gate.version(gate.search(held, trained), held, trained, probabilities(held))
    other = gate.version(gate.search(few_held, few_trained), few_held, few_trained, probabilities(few_held))
    found = gate.compare(one, other)
    assert [found[name] for name in ("rows", "customers", "dropped")] == [160, 80, 0]


def test_copies_without_ids_are_found_by_their_content(gate):
    held, trained = doubled(HELD), doubled(TRAINED)
    renamed = [rows.assign(row_key="other-" + rows["row_key"])[::-1] for rows in (held, trained)]
    other_held, other_trained = (rows.reset_index(drop=True) for rows in renamed)
    one = gate.version(gate.search(held, trained), held, trained, probabilities(held))
    other = gate.version(gate.search(other_held, other_trained), other_held, other_trained, probabilities(other_held))
    found = gate.compare(one, other)
    assert [found[name] for name in ("rows", "customers", "dropped")] == [160, 80, 0]


def test_all_rows_of_a_customer_are_dropped_when_one_of_them_was_trained_on(gate, champion):
    learned = TRAINED.copy()
    learned.loc[0, :] = HELD.iloc[0].to_numpy()
    held = HELD.assign(group=["first" if n < 5 else f"g{n}" for n in range(len(HELD))])
    other = gate.version(gate.search(held, learned), held, learned, probabilities(held))
    third = gate.version(gate.search(held, TRAINED), held, TRAINED, probabilities(held))
    found = gate.compare(other, third)
    assert (found["rows"], found["dropped"]) == (75, 5)


def test_only_rows_that_both_held_out_count(gate, champion):
    held = customers(80, start=40)
    other = gate.version(gate.search(held, TRAINED), held, TRAINED, probabilities(held))
    found = gate.compare(champion, other)
    assert (found["rows"], found["dropped"]) == (40, 80)


def test_a_row_that_one_of_them_trained_on_under_another_key_is_dropped_by_its_content(gate, champion):
    learned = TRAINED.copy()
    learned.loc[:19, :] = HELD.iloc[:20].assign(row_key=[f"other-{n}" for n in range(20)]).to_numpy()
    other = gate.version(gate.search(HELD, learned), HELD, learned, probabilities(HELD))
    found = gate.compare(champion, other)
    assert (found["rows"], found["dropped"]) == (60, 20)


def test_the_same_table_with_fewer_columns_is_aligned_row_by_row(gate, champion):
    held, trained = customers(80, columns=2), customers(200, start=1_000, columns=2)
    few = gate.version(gate.search(held, trained), held, trained, probabilities(held, 30))
    found = gate.compare(few, champion)
    assert (found["rows"], found["dropped"]) == (80, 0)
    assert found["comparison"]["difference"] > 0


def test_customers_with_ids_are_known_by_them_whatever_the_columns(gate):
    held, trained = (
        rows.assign(customer=[f"c{n}" for n in range(start, start + len(rows))])
        for rows, start in ((HELD, 0), (TRAINED, 1_000))
    )
    few_held = customers(80, columns=2).assign(customer=held["customer"])[::-1].reset_index(drop=True)
    few_trained = customers(200, start=1_000, columns=2).assign(customer=trained["customer"])
    few_trained.loc[:9, "customer"] = [f"c{n}" for n in range(10)]
    one = gate.version(gate.search(held, trained), held, trained, probabilities(held))
    other = gate.version(gate.search(few_held, few_trained), few_held, few_trained, probabilities(few_held))
    found = gate.compare(one, other)
    assert (found["rows"], found["comparison"]["difference"]) == (70, 0.0)


def test_a_version_whose_files_are_gone_fails_a_needed_pair_and_marks_an_optional_one(gate, champion):
    other = gate.version(gate.search(HELD, TRAINED), HELD, TRAINED, probabilities(HELD))
    run = gate.client.get_model_version(MODEL, other).run_id
    shutil.rmtree(gate.folder / "versions" / run)
    with pytest.raises(ChurnOpsError) as caught:
        gate.compare(champion, other)
    assert caught.value.code == "MODEL_INTEGRITY"
    assert "cannot be read" in gate.compare(champion, other, required=False)["problem"]


def test_a_version_that_churn_ops_did_not_train_cannot_be_compared(gate, champion):
    gate.client.create_model_version(MODEL, "file:///nowhere", tags={})
    with pytest.raises(ChurnOpsError) as caught:
        gate.compare(champion, "2")
    assert (caught.value.code, "churnops." in caught.value.message) == ("MODEL_INTEGRITY", True)


def test_damaged_predictions_are_told(gate, champion):
    other = gate.version(gate.search(HELD, TRAINED), HELD, TRAINED, probabilities(HELD))
    run = gate.client.get_model_version(MODEL, other).run_id
    (gate.folder / "versions" / run / "predictions" / "held_out.csv").write_text("row_key\nx\n")
    with pytest.raises(ChurnOpsError) as caught:
        gate.compare(champion, other)
    assert caught.value.code == "MODEL_INTEGRITY"


def test_the_gate_loads_no_model_and_not_even_the_library_for_it():
    code = (
        "import sys, mlflow, churn_ops.registry.compare.compare; "
        "import churn_ops.registry.moves.apply, churn_ops.registry.versions; "
        "print(sorted({'sklearn', 'skops', 'scipy.stats'} & sys.modules.keys()))"
    )
    folder = Path(__file__).resolve().parents[2] / "python"
    answer = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
