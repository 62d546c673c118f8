"""Answers of a version to rows that it did not learn from, as training has stored them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np


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
    import pandas as pd

    frame = pd.read_csv(path, dtype={"row_key": str}, float_precision="round_trip")
    return Answers(
        frame["row_key"].to_numpy(dtype=object),
        frame["label"].to_numpy(dtype=np.int64),
        frame["probability"].to_numpy(dtype=np.float64),
        threshold,
    )
