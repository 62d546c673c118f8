"""Answers of a version to rows that it did not learn from, as training has stored them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from churn_ops.versions.stored_columns import array


@dataclass(frozen=True)
class Answers:
    """Answers of a version to rows that it did not learn from.

    Attributes
    ----------
    keys : numpy.ndarray of str, shape (rows,)
        Row keys.
    labels : numpy.ndarray of int, shape (rows,)
        1 for a churner.
    probabilities : numpy.ndarray of float, shape (rows,)
        Of churn; NaN where there is none.
    threshold : float
        From which the version says 1.
    """

    keys: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    threshold: float


def read_answers(path: Path, threshold: float) -> Answers:
    """Read a file of answers, to the last digit."""
    # Arrow reads doubles to the last digit, as pandas does, whose import takes longer than the file.
    import pyarrow as pa
    from pyarrow import csv

    types = {"row_key": pa.string(), "label": pa.int64(), "probability": pa.float64()}
    found = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=types, include_columns=list(types)))
    if found["label"].null_count > 0:
        raise ValueError("a row has no label")
    keys, labels, probabilities = (array(found[name]) for name in types)
    return Answers(keys, labels, probabilities, threshold)
