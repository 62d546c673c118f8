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
