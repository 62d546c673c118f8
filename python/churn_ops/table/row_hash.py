"""One number for the values of a row, whatever its columns are called."""

from __future__ import annotations

import numpy as np
import pandas as pd


def row_hashes(features: pd.DataFrame, *beside: np.ndarray) -> np.ndarray:
    """Hash each row by its values in the order of the columns.

    Parameters
    ----------
    features : pandas.DataFrame, shape (rows, features)
        Typed columns.
    *beside : numpy.ndarray, shape (rows,)
        Hashed along, after the features.

    Returns
    -------
    numpy.ndarray of uint64, shape (rows,)
        Equal for rows of equal values; a missing value is equal to a missing value.
    """
    # By number: a column of ours must not take the place of one that happens to be called the same.
    columns = dict(enumerate([*(values for _, values in features.items()), *beside]))
    return pd.util.hash_pandas_object(pd.DataFrame(columns, copy=False), index=False).to_numpy()


def content_keys(features: pd.DataFrame, *beside: np.ndarray, names: list[str] | None = None) -> np.ndarray:
    """Hash the values that rows have in some columns, so that the same values are found in another table.

    Parameters
    ----------
    features : pandas.DataFrame
        Rows with at least the named columns.
    *beside : numpy.ndarray, shape (rows,)
        What counts next to them.
    names : list of str, optional
        Columns that count; all when left out.

    Returns
    -------
    numpy.ndarray of uint64, shape (rows,)
        Equal for rows of equal values; a missing value is equal to a missing value.
    """
    typed = {}
    for name in features.columns if names is None else names:
        values = features[name]
        numeric = pd.api.types.is_numeric_dtype(values.dtype)
        typed[name] = values.astype(float) if numeric else values.astype(object).where(values.notna(), None)
    return row_hashes(pd.DataFrame(typed, copy=False), *beside)
