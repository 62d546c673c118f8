"""Read a table exactly as Node judged it: the same bytes, the same records, typed by the schema."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from churn_ops.contract import TableSchema
from churn_ops.errors import ChurnOpsError
from churn_ops.table.csv_columns import read_columns
from churn_ops.table.customers import customer_groups, first_rows
from churn_ops.table.row_hash import row_hashes


@dataclass(frozen=True)
class Table:
    """Valid rows of a table.

    Attributes
    ----------
    features : pandas.DataFrame, shape (rows, features)
        Columns in schema order; numbers as float64 with NaN, categories as str with None.
    labels : numpy.ndarray of int, shape (rows,), or None
        1 for the positive label, -1 for none; None when the file has no target column.
    row_keys : numpy.ndarray of str, shape (rows,)
        Hash of the customer and the typed features, 16 hex digits.
    customers : numpy.ndarray of str, shape (rows,)
        Key of the row's customer: hash of its id, or the row's key where the table has no id column.
    groups : numpy.ndarray of int, shape (rows,)
        Equal for rows that count as one customer: those of one id, and copies of a row under other ids. The number is
        that of the first such row.
    dates : numpy.ndarray of str, shape (rows,), or None
        ISO dates when the schema names a date column.
    """

    features: pd.DataFrame
    labels: np.ndarray | None
    row_keys: np.ndarray
    customers: np.ndarray
    groups: np.ndarray
    dates: np.ndarray | None = None


def read_table(path: str, sha256: str, rows: int, invalid_records: list[int], schema: TableSchema) -> Table:
    """Read the valid records of a CSV file.

    Parameters
    ----------
    path : str
        The file that Node validated.
    sha256 : str
        Hash of the bytes that Node read, hex.
    rows : int
        Data records that Node counted.
    invalid_records : list of int
        0-based ordinals of the records to leave out.
    schema : dict
        ``id``, ``target`` and ``features`` as in ``src/domain/table/schema.ts``.

    Returns
    -------
    Table
        The remaining rows in file order.

    Raises
    ------
    ChurnOpsError
        ``DATA_CHANGED`` when bytes or record count differ from what Node saw.
    """
    counted, columns = read_columns(_checked_bytes(path, sha256), set(invalid_records), schema)
    if counted != rows:
        raise _changed(path, f"Node counted {rows} rows, Python {counted}")
    # No copies of whole columns: a large table must fit into memory next to the forests.
    features = pd.DataFrame({column["name"]: columns[column["name"]] for column in schema["features"]}, copy=False)
    labels = columns.get(schema["target"]["column"])
    customers = columns.get(schema.get("id") or "")
    row_keys = _row_keys(features, customers)
    dates = columns.get(schema.get("date") or "")
    if customers is None:
        return Table(features, labels, row_keys, row_keys, first_rows(row_keys), dates)
    return Table(features, labels, row_keys, customers, customer_groups(customers, features), dates)


def model_schema(schema: TableSchema) -> TableSchema:
    """Give the part of a schema that a model learns from: sensitive columns are kept for slices alone."""
    return {**schema, "features": [column for column in schema["features"] if not column.get("sensitive", False)]}


def model_columns(schema: TableSchema) -> list[str]:
    """Names of the columns that a model learns from, in the order of its signature."""
    return [column["name"] for column in model_schema(schema)["features"]]


def to_csv_columns(features: pd.DataFrame, schema: TableSchema) -> dict[str, list[str]]:
    """Write typed features back as the text that a CSV file of this schema holds.

    Parameters
    ----------
    features : pandas.DataFrame
        Columns in schema order.
    schema : dict
        The table's schema.

    Returns
    -------
    dict of str to list of str
        Text by column; a missing value is an empty field.
    """
    return {column["name"]: [_text(value) for value in features[column["name"]]] for column in schema["features"]}


def typed_frame(rows: list[dict[str, Any]], schema: TableSchema) -> pd.DataFrame:
    """Give rows of plain values the types that the model takes.

    Parameters
    ----------
    rows : list of dict
        Values by column name.
    schema : dict
        The table's schema.

    Returns
    -------
    pandas.DataFrame
        float64 numbers, object categories with None for a missing value.
    """
    frame = {}
    for column in schema["features"]:
        values = [row.get(column["name"]) for row in rows]
        if column["kind"] == "number":
            frame[column["name"]] = np.array([np.nan if value is None else float(value) for value in values])
        else:
            frame[column["name"]] = np.array(values, dtype=object)
    return pd.DataFrame(frame)


def _checked_bytes(path: str, sha256: str) -> bytes:
    content = Path(path).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _changed(path, "its bytes differ from those that were checked")
    return content


def _row_keys(features: pd.DataFrame, customers: np.ndarray | None) -> np.ndarray:
    # Of typed values, so that a row that was written out for a retraining keeps its key.
    hashes = row_hashes(features) if customers is None else row_hashes(features, customers)
    return np.array([f"{value:016x}" for value in hashes], dtype=object)


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def _changed(path: str, how: str) -> ChurnOpsError:
    return ChurnOpsError(
        "DATA_CHANGED",
        f"{path} changed while it was in use: {how}. Nothing was trained or registered.",
        "Run the same command again when nothing is writing to the file.",
        {"path": path},
    )
