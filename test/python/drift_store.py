"""A small store with one version, as training leaves it: stored rows, honest answers, tags."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

MODEL = "Churn"
THRESHOLD = 0.4
SCHEMA: dict[str, Any] = {
    "name": "small",
    "id": "customer",
    "target": {"column": "left", "positive": "Yes", "negative": "No"},
    "features": [
        {"name": "tenure", "kind": "number", "integer": True, "blank": False},
        {"name": "MonthlyCharges", "kind": "number", "integer": False, "blank": True},
        {"name": "plan", "kind": "category", "values": [], "closed": False, "blank": True},
    ],
}


def make_rows(count: int, seed: int, plans: tuple[str, ...] = ("basic", "plus", "gold")) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    tenure = random.integers(0, 72, count).astype(float)
    charges = np.round(random.uniform(20, 110, count), 2)
    charges[random.random(count) < 0.1] = np.nan
    risk = 1 / (1 + np.exp((tenure - 20) / 8))
    return pd.DataFrame(
        {
            "row_key": [f"{seed}-{number:05d}" for number in range(count)],
            "tenure": tenure,
            "MonthlyCharges": charges,
            "plan": random.choice(plans, count),
            "label": (random.random(count) < 0.1 + 0.8 * risk).astype(int),
        }
    )


def features_of(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[["tenure", "MonthlyCharges", "plan"]]


def make_store(
    folder: Path, reference: pd.DataFrame, held_out: pd.DataFrame, without_vote: int = 0
) -> tuple[dict[str, str], Pipeline]:
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    client = MlflowClient(uri)
    experiment = client.create_experiment("customerchurn", (folder / "mlruns").as_uri())
    parent = client.create_run(experiment).info.run_id
    child = client.create_run(experiment).info.run_id
    data = folder / "stage" / "data"
    model = folder / "stage" / "model"
    (model / "predictions").mkdir(parents=True)
    data.mkdir(parents=True)
    reference.to_parquet(data / "reference.parquet")
    held_out.to_parquet(data / "held_out.parquet")
    client.log_artifacts(parent, str(data), "data")

    pipeline = make_pipeline(
        make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["plan"]), remainder="passthrough"),
        RandomForestClassifier(40, max_depth=4, oob_score=True, random_state=1),
    ).fit(features_of(reference), reference["label"])
    votes = pipeline[-1].oob_decision_function_[:, 1].copy()
    votes[:without_vote] = np.nan
    test = pipeline.predict_proba(features_of(held_out))[:, 1]
    for side, rows, probabilities in (("reference", reference, votes), ("held_out", held_out, test)):
        answers = pd.DataFrame({"row_key": rows["row_key"], "label": rows["label"], "probability": probabilities})
        answers.to_csv(model / "predictions" / f"{side}.csv", index=False)
    (model / "MLmodel").write_text("flavors: {}\n")
    client.log_artifacts(child, str(model), "model")
    client.create_registered_model(MODEL)
    tags = {"churnops.parent_run_id": parent, "churnops.threshold": str(THRESHOLD)}
    source = f"{client.get_run(child).info.artifact_uri}/model"
    client.create_model_version(MODEL, source, run_id=child, tags=tags)
    client.set_registered_model_alias(MODEL, "champion", "1")
    return {"trackingUri": uri, "model": MODEL}, pipeline


def answers_of(pipeline: Pipeline, drawn: dict[str, Any]) -> list[dict[str, Any]]:
    frame = pd.DataFrame(drawn["rows"], columns=drawn["columns"]).astype({"tenure": float, "MonthlyCharges": float})
    probabilities = pipeline.predict_proba(frame)[:, 1]
    return [
        {"label": int(value >= THRESHOLD), "probability": float(value), "threshold": THRESHOLD}
        for value in probabilities
    ]
