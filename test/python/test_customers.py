"""Which rows count as one customer."""

import numpy as np
import pandas as pd
import pytest
from conftest import DATA

from churn_ops.table.customers import customer_groups


def keys(count, prefix="c"):
    return np.array([f"{prefix}{number}" for number in range(count)], dtype=object)


@pytest.fixture(scope="module")
def telco():
    return pd.read_csv(DATA, keep_default_na=False).drop(columns=["customerID", "Churn"])


def test_rows_of_one_id_are_one_customer_and_nothing_else_is_joined(telco):
    customers = np.repeat(keys(3000), 2)
    groups = customer_groups(customers, telco.iloc[:6000])
    assert groups.tolist() == np.repeat(np.arange(0, 6000, 2), 2).tolist()


def test_customers_who_are_alike_by_chance_stay_apart(telco):
    assert telco.duplicated().any()
    assert customer_groups(keys(len(telco)), telco).tolist() == list(range(len(telco)))


def test_a_row_that_is_there_again_under_another_id_is_the_same_customer(telco):
    twice = pd.concat([telco, telco], ignore_index=True)
    groups = customer_groups(np.concatenate([keys(len(telco)), keys(len(telco), "copy")]), twice)
    half = len(telco)
    assert groups[:half].tolist() == groups[half:].tolist()
    # Those alike by chance cannot be told from copies any more; they are few.
    assert half - len(set(groups)) < 50


def test_some_copied_rows_in_a_large_table_are_found(telco):
    copied = telco.sample(700, random_state=1)
    table = pd.concat([telco, copied], ignore_index=True)
    groups = customer_groups(np.concatenate([keys(len(telco)), keys(700, "copy")]), table)
    assert groups.max() < len(telco)


@pytest.mark.parametrize("columns", [["age"], ["age", "gender"], ["age", "gender", "plan"]])
def test_a_table_of_few_columns_is_not_one_customer(columns):
    random = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "age": random.integers(20, 80, 4000).astype(float),
            "gender": random.choice(["f", "m"], 4000),
            "plan": random.choice(["a", "b", "c"], 4000, p=[0.7, 0.2, 0.1]),
        }
    )[columns]
    assert customer_groups(keys(4000), table).tolist() == list(range(4000))


def test_copies_in_a_table_of_two_columns_are_found():
    random = np.random.default_rng(4)
    table = pd.DataFrame({"age": random.integers(20, 80, 600), "balance": random.integers(0, 9000, 600)})
    twice = pd.concat([table, table], ignore_index=True)
    groups = customer_groups(np.concatenate([keys(600), keys(600, "copy")]), twice)
    assert groups[:600].tolist() == groups[600:].tolist()


def test_copies_join_the_other_rows_of_both_ids():
    random = np.random.default_rng(5)
    table = pd.DataFrame(random.normal(size=(400, 3)), columns=["a", "b", "c"])
    table.iloc[200:] = table.iloc[:200].to_numpy()
    customers = np.concatenate([np.repeat(keys(100), 2), np.repeat(keys(100, "other"), 2)])
    groups = customer_groups(customers, table)
    assert groups[:200].tolist() == groups[200:].tolist() == np.repeat(np.arange(0, 200, 2), 2).tolist()


def test_blanks_are_values_and_an_empty_table_has_no_customers():
    table = pd.DataFrame({"a": [np.nan, 1.0, np.nan], "b": ["x", None, "x"]})
    assert len(customer_groups(keys(3), table)) == 3
    assert len(customer_groups(keys(0), table.iloc[:0])) == 0
