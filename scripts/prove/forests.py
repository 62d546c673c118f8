"""Fits forests on the bundled table and writes them as `serving.compile_forest` does, with rows to prove them on.

Reads a JSON object from standard input: ``data``, ``folder``, ``trainRows``, ``rows``, ``adversarialRows``,
``boundaryRows`` and ``cases``, each with ``name``, ``estimator``, ``params``, ``blanks`` and ``seed``; writes one
folder a case.
"""

import functools
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from churn_ops.serving.boundary_rows import boundary_rows
from churn_ops.serving.forest_file import write_forest
from churn_ops.serving.made_up_rows import adversarial_rows, golden_rows
from churn_ops.serving.model_parts import take_apart
from churn_ops.serving.proof_files import write_golden, write_proof
from churn_ops.serving.scorer import answers
from churn_ops.training.fit.candidate_files import frozen
from churn_ops.training.fit.estimators import build
from churn_ops.training.fit.preprocessing import fit_and_transform
from churn_ops.training.fit.scorer import ChurnScorer

NUMBERS = ("SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges")
GOLDEN_ROWS = 64


def main() -> None:
    """Write every case."""
    request = json.load(sys.stdin)
    table = pd.read_csv(request["data"], dtype=str, keep_default_na=False)
    labels = (table["Churn"] == "Yes").to_numpy(dtype=np.int64)
    features = table.drop(columns=["customerID", "Churn"])
    for name in NUMBERS:
        features[name] = pd.to_numeric(features[name], errors="coerce").astype(np.float64)
    for case in request["cases"]:
        write_case(features, labels, case, request)


def write_case(features: pd.DataFrame, labels: np.ndarray, case: dict, request: dict) -> None:
    """Fit one forest and write its folder."""
    random = np.random.default_rng(case["seed"])
    chosen = random.permutation(len(features))[: request["trainRows"]]
    train = with_blanks(features.iloc[chosen].reset_index(drop=True), case["blanks"], random)
    preprocessing, matrix = fit_and_transform(schema_of(features), train)
    forest = build(case["estimator"], case["params"], case["seed"])
    forest.fit(matrix, labels[chosen])
    pipeline = Pipeline([("preprocessing", preprocessing), ("estimator", forest)])
    model = frozen(pipeline, 0.3, train)
    parts = take_apart(model)
    answer = functools.partial(answers, ChurnScorer(model, 0.3))
    folder = Path(request["folder"]) / case["name"]
    folder.mkdir()
    write_forest(parts, "0" * 64, folder)
    write_golden(parts, golden_rows(parts, GOLDEN_ROWS, case["seed"]), answer, folder)
    beside = boundary_rows(parts, train, request["boundaryRows"], case["seed"])
    made_up = adversarial_rows(parts, train, request["adversarialRows"], case["seed"])
    rows = pd.concat([mixed(train, request["rows"], random), beside, made_up], ignore_index=True)
    write_proof(parts, rows, answer, folder, lambda *_: None)


def schema_of(features: pd.DataFrame) -> Any:
    """Tell numbers from categories, as far as the preprocessing asks."""
    kinds = [{"name": name, "kind": "number" if name in NUMBERS else "category"} for name in features]
    return {"features": kinds}


def mixed(rows: pd.DataFrame, count: int, random: np.random.Generator) -> pd.DataFrame:
    """Draw each column by itself: customers that could be, and that the forest did not learn from."""
    return pd.DataFrame({name: rows[name].to_numpy()[random.integers(len(rows), size=count)] for name in rows})


def with_blanks(rows: pd.DataFrame, share: float, random: np.random.Generator) -> pd.DataFrame:
    """Make a share of the values blank."""
    for name in rows.columns if share > 0 else ():
        values = rows[name].to_numpy(copy=True)
        values[random.random(len(rows)) < share] = np.nan if name in NUMBERS else None
        rows[name] = values
    return rows


if __name__ == "__main__":
    main()
