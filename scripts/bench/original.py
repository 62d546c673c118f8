"""The documents' training script, rewritten faithfully: what churn-ops is measured against.

One thread; for each of the 27 settings: fit, log with the whole training table as the input example under a registered
name, reload as pyfunc, evaluate as a classifier. Usage: ``original.py DATA FOLDER``.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path

import mlflow
import mlflow.models
import pandas as pd
from mlflow.sklearn import log_model
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder


def main() -> None:
    """Train the 27 versions one after another and print seconds and the best F1 as JSON."""
    data, folder = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
    started = time.perf_counter()
    warnings.filterwarnings("ignore")
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    mlflow.create_experiment("customerchurn", artifact_location=(folder / "mlruns").as_uri())
    mlflow.set_experiment("customerchurn")
    table = pd.read_csv(data).drop(columns="customerID")
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce").fillna(0.0)
    for column in table.select_dtypes("object"):
        table[column] = LabelEncoder().fit_transform(table[column])
    features, target = table.drop(columns="Churn"), table["Churn"]
    train_x, test_x, train_y, test_y = train_test_split(features, target, test_size=0.2, random_state=42)
    best = 0.0
    for trees in (50, 100, 200):
        for depth in (10, 20, None):
            for split in (2, 5, 10):
                with mlflow.start_run(run_name=f"RF_{trees}_{depth}_{split}"):
                    forest = RandomForestClassifier(
                        n_estimators=trees, max_depth=depth, min_samples_split=split, random_state=42
                    ).fit(train_x, train_y)
                    mlflow.log_params({"n_estimators": trees, "max_depth": depth, "min_samples_split": split})
                    info = log_model(
                        forest,
                        name="model",
                        input_example=train_x,
                        registered_model_name="RandomForestGridSearch",
                        skops_trusted_types=["sklearn.tree._tree.Tree"],
                    )
                    mlflow.pyfunc.load_model(info.model_uri)
                    mlflow.models.evaluate(
                        info.model_uri,
                        test_x.assign(Churn=test_y),
                        targets="Churn",
                        model_type="classifier",
                        evaluator_config={"log_explainer": False},
                    )
                    best = max(best, f1_score(test_y, forest.predict(test_x)))
    print(json.dumps({"seconds": time.perf_counter() - started, "bestF1": best}))


if __name__ == "__main__":
    main()
