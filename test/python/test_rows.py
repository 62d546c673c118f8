"""Stored rows: no name of a table can be one of ours."""

import numpy as np
import pandas as pd
import pytest

from churn_ops.table.row_hash import row_hashes
from churn_ops.versions.rows import INTERNAL, Rows, read_rows, write_rows

AWKWARD = [
    *("customer", "label", "row_key", "group", "features", "churnops:label", "feature:label", "feature:"),
    *("index", "level_0", "__index_level_0__", "self", "0", "1", "a.b", 'a"b', " ", "[x]", "<x>", "\N{GRINNING FACE}"),
]


def awkward_rows(count: int = 6) -> Rows:
    features = {}
    for at, name in enumerate(AWKWARD):
        texts = np.array([f"{at}", None, "c"] * 2, dtype=object)
        features[name] = np.array([at, np.nan, 2.5] * 2) if at % 2 else texts
    keys = np.array([f"{number:016x}" for number in range(count)], dtype=object)
    customers = np.array([f"c{number // 2}" for number in range(count)], dtype=object)
    dates = np.array([f"2024-01-0{number + 1}" for number in range(count)], dtype=object)
    return Rows(pd.DataFrame(features), keys, customers, np.array([0, 0, 2, 2, 2, 2]), np.array([0, 1] * 3), dates)


def schema_of(rows: Rows) -> dict:
    kinds = {name: "number" if values.dtype == float else "category" for name, values in rows.features.items()}
    return {"features": [{"name": name, "kind": kind} for name, kind in kinds.items()]}


@pytest.mark.parametrize("with_schema", [True, False])
def test_rows_with_any_names_come_back_as_they_were(tmp_path, with_schema):
    rows = awkward_rows()
    write_rows(rows, tmp_path / "rows.parquet")
    back = read_rows(tmp_path / "rows.parquet", schema_of(rows) if with_schema else None)
    pd.testing.assert_frame_equal(back.features, rows.features)
    for name in INTERNAL:
        assert getattr(back, name).tolist() == getattr(rows, name).tolist()


def test_rows_of_an_earlier_version_are_read(tmp_path):
    rows = awkward_rows()
    before = rows.features[["index", "a.b", 'a"b']]
    earlier = before.assign(row_key=rows.row_key, customer=rows.customer, label=rows.label)
    earlier[["row_key", "customer", "index", "a.b", 'a"b', "label"]].to_parquet(tmp_path / "rows.parquet", index=False)
    back = read_rows(tmp_path / "rows.parquet")
    pd.testing.assert_frame_equal(back.features, before)
    assert (back.customer.tolist(), back.label.tolist()) == (rows.customer.tolist(), rows.label.tolist())


def test_a_feature_called_date_in_a_file_of_an_earlier_version_stays_one(tmp_path):
    rows = {"row_key": ["a", "b"], "date": [1.0, 2.0], "label": [0, 1]}
    pd.DataFrame(rows).to_parquet(tmp_path / "rows.parquet", index=False)
    back = read_rows(tmp_path / "rows.parquet")
    assert (list(back.features.columns), back.date) == (["date"], None)


def test_without_stored_customers_each_row_is_its_own(tmp_path):
    pd.DataFrame({"row_key": ["a", "b"], "age": [1.0, 2.0], "label": [0, 1]}).to_parquet(tmp_path / "rows.parquet")
    back = read_rows(tmp_path / "rows.parquet")
    assert not back.has_ids
    assert back.customer.tolist() == ["a", "b"]


@pytest.mark.parametrize("frame", [{"age": [1.0]}, {"row_key": ["a"], "age": [1.0]}])
def test_a_file_of_something_else_is_no_rows(tmp_path, frame):
    pd.DataFrame(frame).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(ValueError, match="does not contain the rows"):
        read_rows(tmp_path / "rows.parquet")


def test_a_column_that_is_gone_is_named(tmp_path):
    write_rows(awkward_rows(), tmp_path / "rows.parquet")
    with pytest.raises(ValueError, match="'tenure'"):
        read_rows(tmp_path / "rows.parquet", {"features": [{"name": "tenure", "kind": "number"}]})


def test_the_hash_of_a_row_does_not_depend_on_what_its_columns_are_called():
    values = {"plain": np.array([1.0, 2.0]), "other": np.array(["a", None], dtype=object)}
    beside = np.array(["x", "y"], dtype=object)
    awkward = pd.DataFrame(values).set_axis(["", "\x00label"], axis="columns")
    assert row_hashes(awkward, beside).tolist() == row_hashes(pd.DataFrame(values), beside).tolist()
    assert row_hashes(awkward).tolist() != row_hashes(awkward, beside).tolist()
