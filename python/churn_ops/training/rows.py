"""The split rows as files: written once a training, read by helper processes and by everything later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from churn_ops.dataset import Table, model_schema

CUSTOMER, GROUP = "customer", "group"


def write_rows(table: Table, index: np.ndarray, path: Path) -> None:
    """Store rows with key, customer key, group, raw features and label.

    Parameters
    ----------
    table : Table
        All valid rows.
    index : numpy.ndarray of int
        Rows to store.
    path : pathlib.Path
        The Parquet file.
    """
    rows = table.features.iloc[index].reset_index(drop=True)
    rows.insert(0, "row_key", pd.Series(table.row_keys[index], dtype=object))
    rows.insert(1, CUSTOMER, pd.Series(table.customers[index], dtype=object))
    rows.insert(2, GROUP, pd.Series(table.groups[index], dtype=object))
    rows["label"] = table.labels[index] if table.labels is not None else None
    rows.to_parquet(path, index=False)


def read_rows(path: Path, schema: dict[str, Any]) -> pd.DataFrame:
    """Read stored rows with the types that training uses: None for a missing category, NaN for a missing number."""
    names = [column["name"] for column in schema["features"]]
    frame = pd.read_parquet(path, columns=["row_key", _stored_group(path), *names, "label"])
    frame = frame.rename(columns={CUSTOMER: GROUP})
    for column in schema["features"]:
        if column["kind"] == "category":
            values = frame[column["name"]].astype(object)
            frame[column["name"]] = values.where(values.notna(), None)
    return frame


def _stored_group(path: Path) -> str:
    # Rows of a training by an older churn-ops name their customer alone.
    return GROUP if GROUP in pq.read_schema(path).names else CUSTOMER


def model_columns(schema: dict[str, Any]) -> list[str]:
    """Names of the columns that a model learns from, in the order of its signature."""
    return [column["name"] for column in model_schema(schema)["features"]]
