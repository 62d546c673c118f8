"""Fit challengers and champions on many splits and print what the gate sees of each pair, one JSON line a pair."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import precision_recall_curve
from sklearn.model_selection import train_test_split

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

from churn_ops.registry import paired  # noqa: E402

FEW_COLUMNS = [
    "SeniorCitizen",
    "Dependents",
    "PhoneService",
    "InternetService",
    "OnlineBackup",
    "TechSupport",
    "StreamingMovies",
    "PaperlessBilling",
    "MonthlyCharges",
]
METRIC = {"kind": "f1"}


def main() -> None:
    """Print the comparisons of twins, of a tuned against a deep forest, and of all columns against few."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--draws", type=int, default=10_000)
    given = parser.parse_args()
    table = pd.read_csv(ROOT / "data" / "telco-customer-churn.csv", na_values=[" "])
    labels = (table["Churn"] == "Yes").to_numpy(dtype=np.int64)
    everything = _encoded(table.drop(columns=["customerID", "Churn"]))
    few = _encoded(table[FEW_COLUMNS])
    for split in range(given.splits):
        train, test = train_test_split(np.arange(len(labels)), test_size=0.2, random_state=split)

        def fit(
            features: np.ndarray, seed: int, depth: int | None, tuned: bool, rows: tuple = (train, test)
        ) -> np.ndarray:
            learned, asked = rows
            forest = RandomForestClassifier(
                given.trees,
                max_depth=depth,
                min_samples_split=5 if tuned else 2,
                random_state=seed,
                n_jobs=-1,
                oob_score=tuned,
            ).fit(features[learned], labels[learned])
            threshold = _threshold(labels[learned], forest.oob_decision_function_[:, 1]) if tuned else 0.5
            return forest.predict_proba(features[asked])[:, 1] >= threshold

        tuned = fit(everything, 42, 10, True)
        pairs = {
            "twin": (tuned, fit(everything, 1000 + split, 10, True)),
            "tuned over deep": (fit(everything, 42, None, False), tuned),
            "all over few": (fit(few, 42, 10, True), tuned),
        }
        for case, (champion, challenger) in pairs.items():
            difference = paired.paired_difference(labels[test], champion, challenger, METRIC, given.draws, 42, 0.95)
            facts = {"rows": len(test), "churners": int(labels[test].sum()), "dropped": 0, "rowsSha256": str(split)}
            print(
                json.dumps({"case": case, "split": split, "compared": {**facts, "comparison": difference}}), flush=True
            )


def _encoded(features: pd.DataFrame) -> np.ndarray:
    return pd.get_dummies(features).fillna(0.0).to_numpy(dtype=np.float32)


def _threshold(labels: np.ndarray, probabilities: np.ndarray) -> float:
    known = ~np.isnan(probabilities)
    precision, recall, thresholds = precision_recall_curve(labels[known], probabilities[known])
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(thresholds[int(np.argmax(f1[:-1]))])


if __name__ == "__main__":
    main()
