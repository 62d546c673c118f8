"""The preprocessing that is inside every saved model, so that raw rows are what the model takes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import KNNImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from churn_ops.contract import TableSchema


def fit_and_transform(
    schema: TableSchema, train: pd.DataFrame, linear: bool = False
) -> tuple[ColumnTransformer, np.ndarray]:
    """Fit the preprocessing of a schema on training rows; it looks at no label.

    A category becomes one column a value; a blank is a value of its own when the training rows have one, and an unknown
    value is all zeros. For trees numbers keep their value, and a blank stays NaN, which scikit-learn's trees send down
    a learned side of each split. For linear models a blank takes the median, and numbers are scaled.

    Parameters
    ----------
    schema : dict
        ``features`` with ``name`` and ``kind``.
    train : pandas.DataFrame
        Raw training rows with those columns.
    linear : bool
        For a model that is no tree.

    Returns
    -------
    preprocessing : sklearn.compose.ColumnTransformer
        Takes a data frame of raw features, gives a dense float array.
    matrix : numpy.ndarray of float, shape (rows, columns)
        What it makes of the training rows; made once, for a large table.
    """
    numbers = [column["name"] for column in schema["features"] if column["kind"] == "number"]
    categories = [column["name"] for column in schema["features"] if column["kind"] == "category"]
    encode = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    rows = train[[column["name"] for column in schema["features"]]]
    if not linear:
        steps = [("numbers", "passthrough", numbers), ("categories", encode, categories)]
        fitted = ColumnTransformer(steps, sparse_threshold=0.0)
        return fitted, fitted.fit_transform(rows)
    # SimpleImputer would put a numpy.dtype into the file, a type that is not on the allowed list. A nearest neighbour
    # among one row of medians is the median.
    impute = KNNImputer(n_neighbors=1, keep_empty_features=True)
    scale = Pipeline([("impute", impute), ("scale", StandardScaler())])
    steps = [("numbers", scale, numbers), ("categories", encode, categories)]
    medians = rows[numbers].median().fillna(0.0)
    fitted = ColumnTransformer(steps, sparse_threshold=0.0)
    # Not by keyword: a column may be called self.
    filled = rows.copy()
    for name in numbers:
        filled[name] = rows[name].fillna(medians[name])
    matrix = fitted.fit_transform(filled)
    if numbers:
        fitted.named_transformers_["numbers"].named_steps["impute"].fit(medians.to_frame().T)
    return fitted, matrix
