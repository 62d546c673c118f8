"""The split rows as files: written once a training, read by helper processes and by everything later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from churn_ops.dataset import Table

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
    group : numpy.ndarray of str, shape (rows,)
        Equal for rows that count as one customer, as in `Table`.
    label : numpy.ndarray of int, shape (rows,)
        1 for the positive label, -1 for none.
    """

    features: pd.DataFrame
    row_key: np.ndarray
    customer: np.ndarray
    group: np.ndarray
    label: np.ndarray

    def __len__(self) -> int:
        return len(self.features)

    @property
    def has_ids(self) -> bool:
        """Whether the rows name their customers; without an id column the customer is the row itself."""
        return not np.array_equal(self.customer, self.row_key)

    def only(self, chosen: Any) -> Rows:
        """Keep the rows that a mask, a slice or an array of row numbers chooses."""
        kept = {name: getattr(self, name)[chosen] for name in INTERNAL}
        return Rows(features=self.features.iloc[chosen].reset_index(drop=True), **kept)


#: What a file holds of each row beside its features; a further field of `Rows` is stored like these.
INTERNAL = tuple(field.name for field in fields(Rows) if field.name != "features")


def rows_of(table: Table, index: np.ndarray) -> Rows:
    """Take rows of a labelled table by their numbers."""
    if table.labels is None:
        raise ValueError("Node lets only labelled tables be split")
    return Rows(table.features, table.row_keys, table.customers, table.groups, table.labels).only(index)


def write_rows(rows: Rows, path: Path) -> None:
    """Store rows with everything that is known of them.

    Parameters
    ----------
    rows : Rows
        Of one side of the split.
    path : pathlib.Path
        The Parquet file.
    """
    kept = [name for name in INTERNAL if name != "group" or not np.array_equal(rows.group, rows.customer)]
    columns = {f"{_OURS}{name}": getattr(rows, name) for name in kept}
    columns |= {f"{_FEATURE}{name}": values for name, values in rows.features.items()}
    pd.DataFrame(columns, copy=False).to_parquet(path, index=False)


def read_rows(path: Path, schema: dict[str, Any] | None = None) -> Rows:
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
    frame = pd.read_parquet(path)
    ours, features = _sorted_out(frame)
    kinds = _kinds(features) if schema is None else {each["name"]: each["kind"] for each in schema["features"]}
    if lost := [name for name in kinds if name not in features]:
        raise ValueError(f"it has no column {lost[0]!r}")
    typed = {name: _typed(features[name], kind) for name, kind in kinds.items()}
    return Rows(pd.DataFrame(typed, copy=False, index=range(len(frame))), **dict(_internal(ours)))


def _sorted_out(frame: pd.DataFrame) -> tuple[dict[str, pd.Series], dict[str, pd.Series]]:
    if _BARE_KEY in frame.columns:
        ours = {name: frame[name] for name in INTERNAL if name in frame.columns}
        return ours, {name: frame[name] for name in frame.columns if name not in ours}
    ours = {name[len(_OURS) :]: frame[name] for name in frame.columns if name.startswith(_OURS)}
    return ours, {name[len(_FEATURE) :]: frame[name] for name in frame.columns if name.startswith(_FEATURE)}


def _internal(ours: dict[str, pd.Series]) -> Iterator[tuple[str, np.ndarray]]:
    if _BARE_KEY not in ours or "label" not in ours:
        raise ValueError("it does not hold rows of a training")
    for name in INTERNAL:
        # Without groups the ids alone make customers; in an earlier file each row may stand for itself.
        values = ours.get(name, ours.get("customer", ours[_BARE_KEY]))
        yield name, values.to_numpy(dtype=np.int64 if name == "label" else object)


def _kinds(features: dict[str, pd.Series]) -> dict[str, str]:
    numeric = pd.api.types.is_numeric_dtype
    return {name: "number" if numeric(values.dtype) else "category" for name, values in features.items()}


def _typed(values: pd.Series, kind: str) -> np.ndarray:
    if kind == "number":
        return values.to_numpy(dtype=np.float64)
    texts = values.astype(object)
    return texts.where(texts.notna(), None).to_numpy(dtype=object)
