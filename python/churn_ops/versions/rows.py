"""The split rows as files: written once a training, read by helper processes and by everything later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn_ops.contract import TableSchema
from churn_ops.table.customers import first_rows

if TYPE_CHECKING:
    from churn_ops.table.read_table import Table

# Every column of a file carries one of the two, so that no name of a table can be one of ours.
_OURS = "churnops:"
_FEATURE = "feature:"
#: Of files from before that: names of ours stood between those of the table, the first of them in front.
_BARE_KEY = "row_key"


@dataclass(frozen=True)
class Rows:
    """Rows of one side of a split; what is ours and what is the table's never share names.

    Attributes
    ----------
    features : pandas.DataFrame, shape (rows, features)
        The table's columns and no others; numbers as float64 with NaN, categories as str with None.
    row_key : numpy.ndarray of str, shape (rows,)
        As in `Table`.
    customer : numpy.ndarray of str, shape (rows,)
        Key of the row's customer; the row's own where the table has no ids.
    group : numpy.ndarray of int, shape (rows,)
        Equal for rows that count as one customer, as in `Table`.
    label : numpy.ndarray of int, shape (rows,)
        1 for the positive label, -1 for none.
    date : numpy.ndarray of str, shape (rows,), or None
        As in `Table`; files of earlier versions have none.
    """

    features: pd.DataFrame
    row_key: np.ndarray
    customer: np.ndarray
    group: np.ndarray
    label: np.ndarray
    date: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.features)

    @property
    def has_ids(self) -> bool:
        """Whether the rows name their customers; without an id column the customer is the row itself."""
        return not np.array_equal(self.customer, self.row_key)

    def only(self, chosen: Any) -> Rows:
        """Keep the rows that a mask, a slice or an array of row numbers chooses."""
        kept = {name: values[chosen] for name, values in self.internal()}
        return Rows(features=self.features.iloc[chosen].reset_index(drop=True), **kept)

    def internal(self) -> Iterator[tuple[str, np.ndarray]]:
        """Give what is known of each row next to its features, by name."""
        for name in INTERNAL:
            values = getattr(self, name)
            if values is not None:
                yield name, values


#: What a file holds of each row next to its features; a further field of `Rows` is stored like these.
INTERNAL = tuple(field.name for field in fields(Rows) if field.name != "features")


def rows_of(table: Table, index: np.ndarray) -> Rows:
    """Take rows of a labelled table by their numbers."""
    if table.labels is None:
        raise ValueError("Node lets only labelled tables be split")
    rows = Rows(table.features, table.row_keys, table.customers, table.groups, table.labels, table.dates)
    return rows.only(index)


def write_rows(rows: Rows, path: Path) -> None:
    """Store rows with everything that is known of them.

    Parameters
    ----------
    rows : Rows
        Of one side of the split.
    path : pathlib.Path
        The Parquet file.
    """
    write_columns(rows.features, dict(rows.internal()), path)


def read_rows(path: Path, schema: TableSchema | None = None) -> Rows:
    """Read stored rows.

    Parameters
    ----------
    path : pathlib.Path
        The Parquet file, of this or an earlier version of churn-ops.
    schema : dict, optional
        Says which features, in which order; without one they are those of the file.

    Returns
    -------
    Rows
        With the types that training uses.

    Raises
    ------
    ValueError
        When a column is not there.
    """
    features, ours = read_columns(path, schema)
    return Rows(features, **dict(_internal(ours)))


def write_columns(features: pd.DataFrame, ours: dict[str, np.ndarray], path: Path) -> None:
    """Store features and what is ours next to them, so that no name of the one can be one of the other.

    Parameters
    ----------
    features : pandas.DataFrame, shape (rows, features)
        The table's columns.
    ours : dict of str to numpy.ndarray, shape (rows,)
        What is known of each row next to them.
    path : pathlib.Path
        The Parquet file.
    """
    columns = {f"{_OURS}{name}": values for name, values in ours.items()}
    columns |= {f"{_FEATURE}{name}": values for name, values in features.items()}
    pd.DataFrame(columns, copy=False).to_parquet(path, index=False)


def read_columns(path: Path, schema: TableSchema | None = None) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Read what `write_columns` stored.

    Parameters
    ----------
    path : pathlib.Path
        The Parquet file, of this or an earlier version of churn-ops.
    schema : dict, optional
        Says which features, in which order; without one they are those of the file.

    Returns
    -------
    features : pandas.DataFrame, shape (rows, features)
        Numbers as float64 with NaN, categories as str with None.
    ours : dict of str to numpy.ndarray, shape (rows,)
        What is known of each row next to them.

    Raises
    ------
    ValueError
        When a feature is not there.
    """
    stored = pq.read_schema(path)
    # Texts of the table come as one object a value, not one a row.
    texts = [field.name for field in stored if pa.types.is_string(field.type) and not field.name.startswith(_OURS)]
    file = pq.read_table(path, read_dictionary=texts)
    ours, features = _split_own_columns(file)
    kinds = _kinds(features) if schema is None else {each["name"]: each["kind"] for each in schema["features"]}
    if lost := [name for name in kinds if name not in features]:
        raise ValueError(f"it has no column {lost[0]!r}")
    typed = {name: _typed(features[name], kind) for name, kind in kinds.items()}
    frame = pd.DataFrame(typed, copy=False, index=range(file.num_rows))
    return frame, {name: _array(values) for name, values in ours.items()}


def _split_own_columns(file: pa.Table) -> tuple[dict[str, pa.ChunkedArray], dict[str, pa.ChunkedArray]]:
    names = file.column_names
    if _BARE_KEY in names:
        # None of them had dates of ours; a column of that name is the table's.
        ours = {name: file[name] for name in INTERNAL if name in names and name != "date"}
        return ours, {name: file[name] for name in names if name not in ours}
    ours = {name[len(_OURS) :]: file[name] for name in names if name.startswith(_OURS)}
    return ours, {name[len(_FEATURE) :]: file[name] for name in names if name.startswith(_FEATURE)}


def _internal(ours: dict[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    if _BARE_KEY not in ours or "label" not in ours:
        raise ValueError("it does not contain the rows of a training")
    for name in INTERNAL:
        if name == "date":
            if name in ours:
                yield name, ours[name]
            continue
        # An earlier file may hold no groups, then its ids make the customers; and no ids, then each row is one.
        values = ours.get(name, ours.get("customer", ours[_BARE_KEY]))
        yield name, first_rows(values) if name == "group" and values.dtype == object else values


def _kinds(features: dict[str, pa.ChunkedArray]) -> dict[str, str]:
    return {name: "number" if _is_number(values.type) else "category" for name, values in features.items()}


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)


def _typed(values: pa.ChunkedArray, kind: str) -> np.ndarray:
    return _array(values).astype(np.float64) if kind == "number" else _array(values)


def _array(values: pa.ChunkedArray) -> np.ndarray:
    if not pa.types.is_dictionary(values.type):
        return values.to_numpy()
    once = values.unify_dictionaries().combine_chunks()
    texts = np.array([*once.dictionary.to_pylist(), None], dtype=object)
    return texts[once.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
