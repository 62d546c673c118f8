"""The split rows: written once a training, read by helper processes and by everything later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churn_ops.contract import TableSchema
from churn_ops.versions import stored_columns
from churn_ops.versions.columns_file import read_columns, write_columns
from churn_ops.versions.stored_columns import INTERNAL

if TYPE_CHECKING:
    from churn_ops.table.read_table import Table


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
        return stored_columns.name_customers(self.customer, self.row_key)

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
    return Rows(features, **dict(stored_columns.internal(ours)))
