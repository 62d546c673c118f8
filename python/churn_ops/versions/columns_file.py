"""A file of features with what is ours beside them; its own form, and that of earlier versions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from churn_ops.contract import TableSchema

# Every column of a file carries one of the two, so that no name of a table can be one of ours.
_OURS = "churnops:"
_FEATURE = "feature:"
#: Of files from before that: names of ours stood between those of the table, the first of them in front.
BARE_KEY = "row_key"
_BARE = (BARE_KEY, "customer", "group", "label")


def write_columns(features: pd.DataFrame, ours: dict[str, np.ndarray], path: Path) -> None:
    """Store features and what is ours beside them, so that no name of the one can be one of the other.

    Parameters
    ----------
    features : pandas.DataFrame, shape (rows, features)
        The table's columns.
    ours : dict of str to numpy.ndarray, shape (rows,)
        What is known of each row beside them.
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
        What is known of each row beside them.

    Raises
    ------
    ValueError
        When a feature is not there.
    """
    stored = pq.read_schema(path)
    # Texts of the table come as one object a value, not one a row.
    texts = [field.name for field in stored if pa.types.is_string(field.type) and not field.name.startswith(_OURS)]
    file = pq.read_table(path, read_dictionary=texts)
    ours, features = _sorted_out(file)
    kinds = _kinds(features) if schema is None else {each["name"]: each["kind"] for each in schema["features"]}
    if lost := [name for name in kinds if name not in features]:
        raise ValueError(f"it has no column {lost[0]!r}")
    typed = {name: _typed(features[name], kind) for name, kind in kinds.items()}
    frame = pd.DataFrame(typed, copy=False, index=range(file.num_rows))
    return frame, {name: _array(values) for name, values in ours.items()}


def _sorted_out(file: pa.Table) -> tuple[dict[str, pa.ChunkedArray], dict[str, pa.ChunkedArray]]:
    names = file.column_names
    if BARE_KEY in names:
        ours = {name: file[name] for name in _BARE if name in names}
        return ours, {name: file[name] for name in names if name not in ours}
    ours = {name[len(_OURS) :]: file[name] for name in names if name.startswith(_OURS)}
    return ours, {name[len(_FEATURE) :]: file[name] for name in names if name.startswith(_FEATURE)}


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
