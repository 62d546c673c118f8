"""The least that any training of the 27 versions must do; nothing is logged.

Imports scikit-learn and MLflow, creates the store, makes the same 9 fits on all cores and dumps the 27 forests with
skops one after another. Usage: ``floor.py DATA FOLDER``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

started = time.perf_counter()

import mlflow  # noqa: E402  (the imports are part of what is measured)
import pandas as pd  # noqa: E402
import skops.io  # noqa: E402
from sklearn.compose import make_column_selector, make_column_transformer  # noqa: E402
from sklearn.ensemble import RandomForestClassifier  # noqa: E402
from sklearn.model_selection import train_test_split  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import OneHotEncoder  # noqa: E402


def main() -> None:
    """Fit 9 forests, dump 27, print seconds as JSON."""
    data, folder = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    mlflow.create_experiment("customerchurn", artifact_location=(folder / "mlruns").as_uri())
    table = pd.read_csv(data).drop(columns="customerID")
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce")
    features, target = table.drop(columns="Churn"), (table["Churn"] == "Yes").astype(int)
    train_x, _, train_y, _ = train_test_split(features, target, test_size=0.2, random_state=42)
    encode = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), make_column_selector(dtype_include=object)),
        remainder="passthrough",
    ).fit(train_x)
    matrix = encode.transform(train_x)
    for depth in (10, 20, None):
        for split in (2, 5, 10):
            forest = RandomForestClassifier(
                n_estimators=200, max_depth=depth, min_samples_split=split, random_state=42, n_jobs=-1
            ).fit(matrix, train_y)
            trees = forest.estimators_
            for count in (50, 100, 200):
                forest.estimators_ = trees[:count]
                skops.io.dump(make_pipeline(encode, forest), folder / f"{depth}-{split}-{count}.skops")
    print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
