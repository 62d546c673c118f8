"""The rows that a version learned from and was held out on, with its stored honest answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churn_ops.contract import TableSchema
from churn_ops.errors import ChurnOpsError
from churn_ops.versions.purpose import Purpose
from churn_ops.versions.stored import Side, StoredVersions

if TYPE_CHECKING:
    from mlflow import MlflowClient

_WATCHED = Purpose(
    "cannot be watched",
    "Nothing was judged.",
    "Use `churn-ops promote` to put a version made by `churn-ops train` into production.",
)


@dataclass(frozen=True)
class StoredRows:
    """Rows of one side of a version's split.

    Attributes
    ----------
    features : pandas.DataFrame, shape (rows, features)
        Columns in schema order; numbers as float64, categories as str or None.
    labels : numpy.ndarray of int, shape (rows,)
        1 for the positive label.
    probabilities : numpy.ndarray of float, shape (rows,)
        Answers of the model that did not learn from the row; NaN without one.
    threshold : float
        Probability from which the version says 1.
    customers : numpy.ndarray of str, shape (rows,)
        Key of each row's customer.
    dates : numpy.ndarray of str, shape (rows,), or None
        Its date, when the table of the training had one.
    """

    features: pd.DataFrame
    labels: np.ndarray
    probabilities: np.ndarray
    threshold: float
    customers: np.ndarray
    dates: np.ndarray | None


def read_stored(client: MlflowClient, model: str, version: str, schema: TableSchema, side: Side) -> StoredRows:
    """Read the stored rows and answers of a version.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    model, version : str
        The registered version.
    schema : dict
        Columns to read; Node has left out what the version never stored.
    side : {'reference', 'held_out'}
        Training rows with out-of-bag answers, or test rows.

    Returns
    -------
    StoredRows
        In the order in which they were stored.

    Raises
    ------
    ChurnOpsError
        ``VERSION_UNKNOWN``, ``MODEL_INTEGRITY`` or ``SCHEMA_MISMATCH``.
    """
    stored = StoredVersions(client, model, _WATCHED)
    rows, answers = stored.rows(version, side), stored.answers(version, side)
    if not np.array_equal(rows.row_key, answers.keys):
        raise stored.unusable(version, f"the rows of {side}.parquet and {side}.csv are not the same")
    names = [column["name"] for column in schema["features"]]
    there = list(rows.features.columns)
    if not set(names).issubset(there):
        raise _other_columns(version, there, names)
    return StoredRows(
        rows.features[names], rows.label, answers.probabilities, answers.threshold, rows.customer, rows.date
    )


def _other_columns(version: str, stored: list[str], names: list[str]) -> ChurnOpsError:
    return ChurnOpsError(
        "SCHEMA_MISMATCH",
        f"Version {version} did not store all the columns to be judged. Nothing was judged.",
        "Use the schema that the version was trained with, or train and promote a version with this one.",
        {
            "missing": [name for name in names if name not in stored],
            "unknown": [name for name in stored if name not in names],
        },
    )
