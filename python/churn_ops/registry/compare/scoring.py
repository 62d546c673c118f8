"""Load a version for scoring, after a check of its types against our own list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from churn_ops.errors import ChurnOpsError
from churn_ops.integrity import model_types
from churn_ops.versions.stored import StoredVersions


def load(stored: StoredVersions, version: str) -> Any:
    """Load a version's estimator.

    Parameters
    ----------
    stored : StoredVersions
        The versions' files.
    version : str
        The registered version.

    Returns
    -------
    estimator
        With ``predict_proba`` on raw rows.

    Raises
    ------
    ChurnOpsError
        ``MODEL_INTEGRITY`` when files are missing, damaged or hold a type that is not allowed; ``PICKLE_REFUSED``,
        ``SIGNATURE_MISSING``.
    """
    file = stored.folder(version) / "model.skops"
    try:
        return model_types.load_checked(file)
    # Whatever a damaged file makes skops raise means the same.
    except Exception as error:
        raise _damaged(version, file, str(error)) from error


def signature_columns(stored: StoredVersions, version: str) -> list[str]:
    """Names of the columns that a version takes, from its signature."""
    from mlflow.models import Model

    folder = stored.folder(version)
    signature = Model.load(folder).signature
    if signature is None or signature.inputs is None:
        raise _damaged(version, folder / "MLmodel", "it has no signature")
    return list(signature.inputs.input_names())


def probabilities(model: Any, rows: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Score raw rows.

    Parameters
    ----------
    model : estimator
        As `load` gives it.
    rows : pandas.DataFrame
        Rows with at least the named columns.
    names : list of str
        The model's columns in its order.

    Returns
    -------
    numpy.ndarray of float, shape (rows,)
        Of churn.
    """
    frame = rows[names].reset_index(drop=True)
    for name in names:
        if not pd.api.types.is_numeric_dtype(frame[name].dtype):
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return model.predict_proba(frame)[:, 1]


def _damaged(version: str, file: Path, why: str) -> ChurnOpsError:
    return ChurnOpsError(
        "MODEL_INTEGRITY",
        f"Version {version} cannot be loaded: {why[:300]}. The registry was not changed.",
        "Restore its files from a backup, or choose another version; `churn-ops models` lists them.",
        {"version": version, "file": str(file)},
    )
