"""Read a table exactly as Node judged it: the same bytes, the same records, typed by the schema."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from churn_ops.errors import ChurnOpsError

Schema = dict[str, Any]

#: Stands before a customer's key where a table has that instead of an id.
KNOWN_CUSTOMER = "churnops-customer:"


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
    dates : numpy.ndarray of str, shape (rows,), or None
        ISO dates when the schema names a date column.
    """

    features: pd.DataFrame
    labels: np.ndarray | None
    row_keys: np.ndarray
    customers: np.ndarray
    dates: np.ndarray | None = None


def read_table(path: str, sha256: str, rows: int, invalid_records: list[int], schema: Schema) -> Table:
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
        ``id``, ``target`` and ``features`` as in ``src/domain/schema.ts``.

    Returns
    -------
    Table
        The remaining rows in file order.

    Raises
    ------
    ChurnOpsError
        ``DATA_CHANGED`` when bytes or record count differ from what Node saw.
    """
    header, records = _records(path, sha256)
    if len(records) != rows:
        raise _changed(path, f"Node counted {rows} rows, Python {len(records)}")
    if invalid_records:
        invalid = set(invalid_records)
        records = [record for ordinal, record in enumerate(records) if ordinal not in invalid]
    columns = dict(zip(header, zip(*records, strict=True), strict=True)) if records else dict.fromkeys(header, ())
    features = pd.DataFrame({column["name"]: _typed(columns[column["name"]], column) for column in schema["features"]})
    target = schema["target"]
    labels = None
    if target["column"] in columns:
        texts = [value.strip() for value in columns[target["column"]]]
        labels = np.array([int(text == target["positive"]) if text else -1 for text in texts], dtype=np.int64)
    identity = schema.get("id")
    customers = _customers(columns[identity]) if identity and identity in columns else None
    row_keys = _row_keys(features, customers)
    date = schema.get("date")
    dates = np.array([value.strip() for value in columns[date]], dtype=object) if date and date in columns else None
    return Table(features, labels, row_keys, row_keys if customers is None else customers, dates)


def to_csv_columns(features: pd.DataFrame, schema: Schema) -> dict[str, list[str]]:
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


def typed_frame(rows: list[dict[str, Any]], schema: Schema) -> pd.DataFrame:
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


def _records(path: str, sha256: str) -> tuple[list[str], list[list[str]]]:
    content = Path(path).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _changed(path, "its bytes are not those that were checked")
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    csv.field_size_limit(2**31 - 1)
    records = [record for record in reader if record]
    header = [name.strip() for name in records[0]]
    width = len(header)
    # A ragged record is one that Node named; it is filled up here so that columns can be cut before it is left out.
    return header, [record if len(record) == width else (record + [""] * width)[:width] for record in records[1:]]


def _typed(values: tuple[str, ...], column: dict[str, Any]) -> np.ndarray:
    if column["kind"] == "number":
        return np.array([float(value) if value.strip() else np.nan for value in values], dtype=np.float64)
    return np.array([value.strip() or None for value in values], dtype=object)


def _row_keys(features: pd.DataFrame, customers: np.ndarray | None) -> np.ndarray:
    # Of typed values, so that a row that was written out for a retraining keeps its key.
    frame = features if customers is None else features.assign(**{"": customers})
    hashes = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return np.array([f"{value:016x}" for value in hashes], dtype=object)


def _customers(ids: tuple[str, ...]) -> np.ndarray:
    # A table for retraining holds keys instead of ids; they are the customers' keys already.
    return np.array(
        [text[len(KNOWN_CUSTOMER) :] if text.startswith(KNOWN_CUSTOMER) else _key(text.strip()) for text in ids],
        dtype=object,
    )


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


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
        "Run the same command again when nothing writes to the file.",
        {"path": path},
    )
