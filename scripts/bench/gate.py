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
from sklearn.model_selection import StratifiedKFold, train_test_split

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))

from churn_ops.contract import F1Metric  # noqa: E402
from churn_ops.registry.compare import paired  # noqa: E402

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
METRIC: F1Metric = {"kind": "f1"}
CONFIDENCE = 0.95
POWER_QUANTILE = 0.8416212


def main() -> None:
    """Print the comparisons of twins, of a tuned against a deep forest, and of all columns against few."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--not-worse", action="store_true")
    parser.add_argument("--tolerance", type=float, default=0.01)
    parser.add_argument("--repeats", type=int, default=400)
    given = parser.parse_args()
    table = pd.read_csv(ROOT / "data" / "telco-customer-churn.csv", na_values=[" "])
    labels = (table["Churn"] == "Yes").to_numpy(dtype=np.int64)
    everything = _encoded(table.drop(columns=["customerID", "Churn"]))
    if given.not_worse:
        not_worse(labels, everything, given)
        return
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
            _tell(case, labels[test], champion, challenger, given.draws, split)


def not_worse(labels: np.ndarray, features: np.ndarray, given: argparse.Namespace) -> None:
    """Print comparisons of models that are equal, and of one that is worse by the tolerance, on ever more customers.

    Answers of twins to rows that they did not learn from (five folds) are the population that customers are drawn from.
    Exchanging the two answers of a customer in every second case makes the models equal.
    """
    champion, challenger = (_out_of_fold(labels, features, given.trees, seed) for seed in (42, 1_042))
    worse = _worsened(labels, challenger, _f1(labels, champion) - given.tolerance)
    pilot = paired.paired_difference(
        labels, champion, challenger, np.arange(len(labels)), METRIC, given.draws, 42, CONFIDENCE
    )
    spread = pilot["difference"] - pilot["low"] + POWER_QUANTILE * pilot["standardError"]
    needed = int(np.ceil(labels.sum() * (spread / given.tolerance) ** 2))
    for churners in (300, 1_000, needed):
        for draw in range(given.repeats):
            random = np.random.default_rng([churners, draw])
            rows = random.integers(0, len(labels), int(churners / labels.mean() + 0.5))
            swapped = random.random(len(rows)) < 0.5
            equal = (
                np.where(swapped, challenger[rows], champion[rows]),
                np.where(swapped, champion[rows], challenger[rows]),
            )
            name = f"{churners} churners"
            _tell(f"equal, {name}", labels[rows], *equal, given.draws, draw)
            _tell(f"worse by {given.tolerance}, {name}", labels[rows], champion[rows], worse[rows], given.draws, draw)


def _tell(case: str, labels: np.ndarray, champion: np.ndarray, challenger: np.ndarray, draws: int, number: int) -> None:
    rows, churners = len(labels), int(labels.sum())
    difference = paired.paired_difference(labels, champion, challenger, np.arange(rows), METRIC, draws, 42, CONFIDENCE)
    facts = {"rows": rows, "churners": churners, "customers": rows, "churnedCustomers": churners, "dropped": 0}
    compared = {**facts, "rowsSha256": str(number), "comparison": difference}
    print(json.dumps({"case": case, "split": number, "compared": compared}), flush=True)


def _out_of_fold(labels: np.ndarray, features: np.ndarray, trees: int, seed: int) -> np.ndarray:
    answers = np.zeros(len(labels), dtype=bool)
    for learned, asked in StratifiedKFold(5, shuffle=True, random_state=0).split(features, labels):
        forest = RandomForestClassifier(
            trees, max_depth=10, min_samples_split=5, random_state=seed, n_jobs=-1, oob_score=True
        ).fit(features[learned], labels[learned])
        threshold = _threshold(labels[learned], forest.oob_decision_function_[:, 1])
        answers[asked] = forest.predict_proba(features[asked])[:, 1] >= threshold
    return answers


def _worsened(labels: np.ndarray, answers: np.ndarray, score: float) -> np.ndarray:
    """Let a model miss so many of the churners that it caught that its F1 is the given one."""
    worse = answers.copy()
    for place in np.random.default_rng(7).permutation(np.flatnonzero(answers & (labels == 1))):
        if _f1(labels, worse) <= score:
            break
        worse[place] = False
    return worse


def _f1(labels: np.ndarray, answers: np.ndarray) -> float:
    return paired.score(labels, answers, METRIC)


def _encoded(features: pd.DataFrame) -> np.ndarray:
    return pd.get_dummies(features).fillna(0.0).to_numpy(dtype=np.float32)


def _threshold(labels: np.ndarray, probabilities: np.ndarray) -> float:
    known = ~np.isnan(probabilities)
    precision, recall, thresholds = precision_recall_curve(labels[known], probabilities[known])
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(thresholds[int(np.argmax(f1[:-1]))])


if __name__ == "__main__":
    main()
