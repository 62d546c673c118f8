"""A Parquet file of features with our own columns next to them, as pandas writes and reads it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from churn_ops.contract import TableSchema
from churn_ops.versions import stored_columns
from churn_ops.versions.stored_columns import FEATURE, OURS


def write_columns(features: pd.DataFrame, ours: dict[str, np.ndarray], path: Path) -> None:
    """Store features and our own columns next to them, so that their names never collide.

    Parameters
    ----------
    features : pandas.DataFrame, shape (rows, features)
        The table's columns.
    ours : dict of str to numpy.ndarray, shape (rows,)
        What is known of each row next to them.
    path : pathlib.Path
        The Parquet file.
    """
    columns = {f"{OURS}{name}": values for name, values in ours.items()}
    columns |= {f"{FEATURE}{name}": values for name, values in features.items()}
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
    ours, features, rows = stored_columns.read_file(path)
    kinds = _kinds(features) if schema is None else {each["name"]: each["kind"] for each in schema["features"]}
    if lost := [name for name in kinds if name not in features]:
        raise ValueError(f"it has no column {lost[0]!r}")
    typed = {name: _typed(features[name], kind) for name, kind in kinds.items()}
    frame = pd.DataFrame(typed, copy=False, index=range(rows))
    return frame, stored_columns.arrays(ours)


def _kinds(features: dict[str, pa.ChunkedArray]) -> dict[str, str]:
    return {name: "number" if _is_number(values.type) else "category" for name, values in features.items()}


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)


def _typed(values: pa.ChunkedArray, kind: str) -> np.ndarray:
    found = stored_columns.array(values)
    return found.astype(np.float64) if kind == "number" else found
