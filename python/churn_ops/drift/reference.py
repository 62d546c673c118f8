"""The rows that a version learned from and was held out on, with its stored honest answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from churn_ops.contract import TableSchema, Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.integrity import verify
from churn_ops.table.row_hash import row_hashes
from churn_ops.versions.rows import read_rows

if TYPE_CHECKING:
    from mlflow import MlflowClient

Read = TypeVar("Read")


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
    """

    features: pd.DataFrame
    labels: np.ndarray
    probabilities: np.ndarray
    threshold: float
    customers: np.ndarray


def read_stored(client: MlflowClient, model: str, version: str, schema: TableSchema, side: str) -> StoredRows:
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
    tags = _tags(client, model, version)
    rows_path = verify.verified_data(client, tags[Tag.PARENT_RUN_ID], f"{side}.parquet")
    rows = _read(rows_path, read_rows)
    answers_path = verify.verified_file(client, model, version, tags, f"predictions/{side}.csv")
    answers = _read(answers_path, lambda path: pd.read_csv(path, dtype={"row_key": str}, float_precision="round_trip"))
    if list(rows.row_key) != list(answers["row_key"]):
        raise _damaged(version, f"the rows of {side}.parquet and {side}.csv are not the same")
    names = [column["name"] for column in schema["features"]]
    stored = list(rows.features.columns)
    if not set(names).issubset(stored):
        raise _other_columns(version, stored, names)
    return StoredRows(
        _typed(rows.features[names], schema),
        rows.label,
        answers["probability"].to_numpy(dtype=np.float64),
        float(tags[Tag.THRESHOLD]),
        rows.customer,
    )


def content_keys(features: pd.DataFrame, labels: np.ndarray | None = None) -> np.ndarray:
    """Hash the content of each row, so that the same customer is found in another table.

    Parameters
    ----------
    features : pandas.DataFrame, shape (rows, features)
        Typed columns.
    labels : numpy.ndarray of int, optional
        Hashed along when given.

    Returns
    -------
    numpy.ndarray of uint64, shape (rows,)
        Equal for rows of equal values.
    """
    return row_hashes(features) if labels is None else row_hashes(features, labels)


def _tags(client: MlflowClient, model: str, version: str) -> dict[str, str]:
    from mlflow.exceptions import MlflowException

    try:
        tags = dict(client.get_model_version(model, version).tags)
    except MlflowException as error:
        raise ChurnOpsError(
            "VERSION_UNKNOWN",
            f"The registry has no version {version} of {model}.",
            "Run `churn-ops models` for the versions that it has.",
            {"version": version},
        ) from error
    missing = [name for name in (Tag.PARENT_RUN_ID, Tag.THRESHOLD) if name not in tags]
    if missing:
        raise _damaged(version, f"it has no tag {missing[0]}, so its training rows are not known")
    return tags


def _read(path: Path, reader: Callable[[Path], Read]) -> Read:
    try:
        return reader(path)
    except (OSError, ValueError) as error:
        raise ChurnOpsError(
            "MODEL_INTEGRITY",
            f"{path.name} of the live version cannot be read: {str(error)[:200]}. Nothing was judged.",
            "Restore the file from a back-up, or run `churn-ops train --force` and `churn-ops promote`.",
            {"path": str(path)},
        ) from error


def _typed(features: pd.DataFrame, schema: TableSchema) -> pd.DataFrame:
    typed = {}
    for column in schema["features"]:
        values = features[column["name"]]
        if column["kind"] == "number":
            typed[column["name"]] = values.to_numpy(dtype=np.float64)
        else:
            typed[column["name"]] = values.astype(object).where(values.notna(), None).to_numpy(dtype=object)
    return pd.DataFrame(typed)


def _damaged(version: str, why: str) -> ChurnOpsError:
    return ChurnOpsError(
        "MODEL_INTEGRITY",
        f"Version {version} cannot be watched: {why}. Nothing was judged.",
        "Put a version that `churn-ops train` made into production with `churn-ops promote`.",
        {"version": version},
    )


def _other_columns(version: str, stored: list[str], names: list[str]) -> ChurnOpsError:
    return ChurnOpsError(
        "SCHEMA_MISMATCH",
        f"Version {version} has not stored all columns that are to be judged. Nothing was judged.",
        "Use the schema that the version was trained with, or train and promote a version with this one.",
        {
            "missing": [name for name in names if name not in stored],
            "unknown": [name for name in stored if name not in names],
        },
    )
