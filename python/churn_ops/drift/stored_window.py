"""A window of rows, with what its version learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churn_ops.contract import TableSchema
from churn_ops.drift.reference import StoredRows


@dataclass(frozen=True)
class StoredWindow:
    """What is kept while Node asks the endpoint.

    Attributes
    ----------
    features : pandas.DataFrame, shape (rows, features)
        The rows as they were sent.
    labels : numpy.ndarray of int or None
        -1 for a row without a label; None when no row has one.
    reference : StoredRows
        What the version learned from.
    learned : numpy.ndarray of int, shape (rows,)
        Position in the reference of a row that the model learned from; -1 for all others.
    schema : dict
        The table's schema.
    customers : numpy.ndarray of str or None
        Key of each row's customer; None for rows that a simulation may have altered.
    dates : numpy.ndarray of str or None
        Their dates, when the schema names a column of them.
    """

    features: pd.DataFrame
    labels: np.ndarray | None
    reference: StoredRows
    learned: np.ndarray
    schema: TableSchema
    customers: np.ndarray | None
    dates: np.ndarray | None
