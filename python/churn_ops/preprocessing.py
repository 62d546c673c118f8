"""The preprocessing that lies inside every saved model, so that raw rows are what the model takes."""

from __future__ import annotations

from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder


def build_preprocessing(schema: dict[str, Any]) -> ColumnTransformer:
    """Make the unfitted preprocessing for a schema.

    Numbers keep their value; a blank stays NaN, which scikit-learn's trees send down a learned side of each split. A
    category becomes one column a value; a blank is a value of its own when the training rows have one, and an unknown
    value is all zeros. (An imputer would put a ``numpy.dtype`` into the file, a type that is not on the allowed list.)

    Parameters
    ----------
    schema : dict
        ``features`` with ``name`` and ``kind``.

    Returns
    -------
    sklearn.compose.ColumnTransformer
        Takes a data frame of raw features, gives a dense float array.
    """
    numbers = [column["name"] for column in schema["features"] if column["kind"] == "number"]
    categories = [column["name"] for column in schema["features"] if column["kind"] == "category"]
    return ColumnTransformer(
        [
            ("numbers", "passthrough", numbers),
            ("categories", OneHotEncoder(handle_unknown="ignore", sparse_output=False), categories),
        ],
        sparse_threshold=0.0,
    )
