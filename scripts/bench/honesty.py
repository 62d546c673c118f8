"""Is the F1 measured on training rows the F1 that new customers see? Simulated over splits, tables and estimators.

For each table, split and estimator: ``f1_oof`` and the test F1, each at the threshold chosen on the training rows, for
trees of depth 10 and without limit; and whether both F1 rank the two depths alike. A second table tells which share of
new customers is flagged when the threshold is to flag a tenth, by number of trees.

Usage: ``honesty.py DATA SPLITS [TABLE ...]``; without tables all of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))

from churn_ops.contract import Capacity, TableSchema
from churn_ops.process.cores import cores
from churn_ops.statistics.resample import group_codes
from churn_ops.table.customers import customer_groups, first_rows
from churn_ops.training.fit import forest as forests
from churn_ops.training.fit.estimators import build
from churn_ops.training.fit.out_of_sample import folds_out_of_sample, forest_out_of_sample
from churn_ops.training.fit.preprocessing import fit_and_transform
from churn_ops.training.fit.split import split_rows
from churn_ops.training.fit.threshold import best_f1_threshold, choose_threshold

DEPTHS = {"depth 10": 10, "no limit": None}
TREES = (6, 10, 20, 30, 50, 100, 200)
SEED = 42


@dataclass(frozen=True)
class Customers:
    """A table with a key for every row's customer."""

    ids: np.ndarray
    features: pd.DataFrame
    labels: np.ndarray


def telco(path: Path) -> Customers:
    """One row a customer."""
    table = pd.read_csv(path, keep_default_na=False, dtype={"customerID": str})
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce")
    labels = (table["Churn"] == "Yes").to_numpy().astype(int)
    return Customers(table["customerID"].to_numpy(dtype=object), table.drop(columns=["customerID", "Churn"]), labels)


def repeated(source: Customers, copies: list[Customers]) -> Customers:
    """Put tables under each other."""
    parts = [source, *copies]
    return Customers(
        np.concatenate([part.ids for part in parts]),
        pd.concat([part.features for part in parts], ignore_index=True),
        np.concatenate([part.labels for part in parts]),
    )


def doubled(source: Customers) -> Customers:
    """Every row twice with its id."""
    return repeated(source, [source])


def copied(source: Customers) -> Customers:
    """Every row twice, the copy under an id of its own."""
    return repeated(source, [Customers(source.ids + " copy", source.features, source.labels)])


def snapshots(source: Customers) -> Customers:
    """Three months of every customer: tenure and charges differ a little."""
    random = np.random.default_rng(SEED)
    earlier = []
    for months in (1, 2):
        rows = source.features.copy()
        rows["MonthlyCharges"] = (rows["MonthlyCharges"] + random.normal(0, 0.5, len(rows))).round(2)
        rows["TotalCharges"] = (rows["TotalCharges"] - months * rows["MonthlyCharges"]).clip(lower=0).round(2)
        rows["tenure"] = (rows["tenure"] - months).clip(lower=0)
        earlier.append(Customers(source.ids, rows, source.labels))
    return repeated(source, earlier)


def few_churners(source: Customers) -> Customers:
    """Snapshots in which one customer of twenty churned."""
    random = np.random.default_rng(SEED)
    churned, stayed = np.flatnonzero(source.labels == 1), np.flatnonzero(source.labels == 0)
    rows = np.sort(np.concatenate([random.choice(churned, len(stayed) // 19, replace=False), stayed]))
    return snapshots(
        Customers(source.ids[rows], source.features.iloc[rows].reset_index(drop=True), source.labels[rows])
    )


def many_values(source: Customers) -> Customers:
    """Every row twice, with three categories of 60 to 120 values that say nothing of churn."""
    random = np.random.default_rng(SEED)
    names = {f"code {count}": random.integers(0, count, len(source.labels)).astype(str) for count in (60, 80, 120)}
    return doubled(Customers(source.ids, source.features.assign(**names), source.labels))


def noise_labels(source: Customers) -> Customers:
    """Every row twice, with labels drawn at random: nothing can be known of a new customer."""
    random = np.random.default_rng(SEED)
    return doubled(Customers(source.ids, source.features, (random.random(len(source.labels)) < 0.27).astype(int)))


TABLES: dict[str, Callable[[Customers], Customers]] = {
    "one row a customer": lambda source: source,
    "doubled": doubled,
    "doubled, new ids": copied,
    "three snapshots": snapshots,
    "snapshots, 5 % churn": few_churners,
    "doubled, many values": many_values,
    "doubled, noise labels": noise_labels,
}


def main() -> None:
    """Print both tables in Markdown, then one line of JSON."""
    source, splits, wanted = telco(Path(sys.argv[1])), int(sys.argv[2]), sys.argv[3:] or list(TABLES)
    results = []
    print("| table | estimator | f1_oof | test F1 | difference | ranked alike |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in (row for name in wanted for row in of_table(name, TABLES[name](source), splits)):
        results.append(row)
        ranked = "-" if row["alike"] is None else f"{row['alike']} of {splits}"
        print(
            f"| {row['table']} | {row['estimator']} | {row['f1Oof']:.4f} | {row['testF1']:.4f} | "
            f"{row['difference']:+.4f} | {ranked} |",
            flush=True,
        )
    shares = flagged_shares(source, splits)
    print("\n| trees | predictions | customers flagged of 10 % |\n| --- | --- | --- |")
    for trees, (method, share) in shares.items():
        print(f"| {trees} | {method} | {share:.1%} |")
    print(json.dumps({"splits": splits, "results": results, "flagged": {str(k): v for k, v in shares.items()}}))


def of_table(name: str, table: Customers, splits: int) -> list[dict]:
    """Measure every estimator on a table, mean over splits."""
    groups = customer_groups(table.ids, table.features)
    found: dict[str, list[tuple[str, float, float]]] = {}
    for split_seed in range(SEED, SEED + splits):
        for estimator, depth, f1_oof, test_f1 in one_split(table, groups, split_seed):
            found.setdefault(estimator, []).append((depth, f1_oof, test_f1))
        print(f"{name}, split {split_seed}", file=sys.stderr, flush=True)
    return [summary(name, estimator, rows) for estimator, rows in found.items()]


def summary(name: str, estimator: str, rows: list[tuple[str, float, float]]) -> dict:
    """Take means, and count the splits in which both F1 put the same depth first."""
    frame = pd.DataFrame(rows, columns=["depth", "f1Oof", "testF1"])
    alike = None
    if frame["depth"].nunique() == 2:
        by_depth = {depth: part.reset_index(drop=True) for depth, part in frame.groupby("depth")}
        gaps = by_depth["depth 10"][["f1Oof", "testF1"]] - by_depth["no limit"][["f1Oof", "testF1"]]
        alike = int((np.sign(gaps["f1Oof"]) == np.sign(gaps["testF1"])).sum())
    f1_oof, test_f1 = float(frame["f1Oof"].mean()), float(frame["testF1"].mean())
    return {
        "table": name,
        "estimator": estimator,
        "f1Oof": f1_oof,
        "testF1": test_f1,
        "difference": f1_oof - test_f1,
        "alike": alike,
    }


def one_split(table: Customers, groups: np.ndarray, split_seed: int) -> list[tuple[str, str, float, float]]:
    """Fit all estimators on one split; give estimator, depth, ``f1_oof`` and test F1."""
    rows = Rows(table, groups, split_seed)
    found = []
    for depth, limit in DEPTHS.items():
        for name, trees, folds in (
            ("forest", rows.enough_trees, None),
            ("forest", 15, None),
            ("extra-trees", min(rows.enough_trees, 200), None),
            ("forest", 30, 5),
        ):
            params = {"n_estimators": trees, "max_depth": limit}
            forest = forests.fit_forest(name, rows.train, rows.learned, params, SEED, cores())
            held = forest_out_of_sample(name, forest, [trees], rows.train, rows.learned, rows.groups, folds)[trees]
            answered = forests.probabilities(forest, [trees], rows.test)[trees]
            estimator = f"{name}, {trees} trees, {'--cv 5' if folds else held.method}"
            found.append((estimator, depth, *rows.scores(held.probabilities, answered)))
    for name in ("hist-gradient-boosting", "logistic-regression"):
        linear = Rows(table, groups, split_seed, linear=True) if name.startswith("log") else rows
        held = folds_out_of_sample(name, {}, SEED, linear.train, linear.learned, linear.groups, None)
        answered = build(name, {}, SEED).fit(linear.train, linear.learned).predict_proba(linear.test)[:, 1]
        found.append((name, "", *linear.scores(held.probabilities, answered)))
    return found


class Rows:
    """One split of a table, preprocessed."""

    def __init__(self, table: Customers, groups: np.ndarray, split_seed: int, linear: bool = False) -> None:
        learned, left = split_rows("random", table.ids, split_seed, {}, groups=groups)
        kinds = {name: "number" if table.features[name].dtype.kind in "if" else "category" for name in table.features}
        columns = [{"name": name, "kind": kind} for name, kind in kinds.items()]
        schema = cast(TableSchema, {"features": columns})
        features = table.features.astype({name: float for name, kind in kinds.items() if kind == "number"})
        fitted, self.train = fit_and_transform(schema, features.iloc[learned], linear)
        self.test = fitted.transform(features.iloc[left])
        self.learned, self.left = table.labels[learned], table.labels[left]
        self.groups = group_codes(groups[learned])
        # A tree misses all rows of a customer with a chance of e^-rows; about 20 such trees are needed.
        self.enough_trees = {1: 50, 2: 200}.get(round(len(learned) / len(set(self.groups))), 400)

    def scores(self, held: np.ndarray, answered: np.ndarray) -> tuple[float, float]:
        """Give ``f1_oof`` and the test F1."""
        known = np.isfinite(held)
        threshold = best_f1_threshold(self.learned[known], held[known])
        return (
            float(f1_score(self.learned[known], held[known] >= threshold)),
            float(f1_score(self.left, answered >= threshold)),
        )


def flagged_shares(source: Customers, splits: int) -> dict[int, tuple[str, float]]:
    """Give the share of test customers over the threshold that flags a tenth of the training customers."""
    shares: dict[int, list[float]] = {count: [] for count in TREES}
    methods: dict[int, str] = {}
    for split_seed in range(SEED, SEED + splits):
        rows = Rows(source, first_rows(source.ids), split_seed)
        params = {"n_estimators": TREES[-1], "max_depth": None}
        forest = forests.fit_forest("forest", rows.train, rows.learned, params, SEED, cores())
        answered = forests.probabilities(forest, list(TREES), rows.test)
        held = forest_out_of_sample("forest", forest, list(TREES), rows.train, rows.learned, rows.groups, None)
        for count in TREES:
            rule: Capacity = {"kind": "capacity", "share": 0.1}
            threshold = choose_threshold(rule, rows.learned, held[count].probabilities, None)
            shares[count].append(float(np.mean(answered[count] >= threshold)))
            methods[count] = held[count].method
    return {count: (methods[count], float(np.mean(found))) for count, found in shares.items()}


if __name__ == "__main__":
    main()
