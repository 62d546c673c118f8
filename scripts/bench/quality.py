"""Quality of the default search over many splits, without a store: test F1 of the best version by ``f1_oof``.

For each split seed: the 27 forests with their out-of-bag thresholds, the best by ``f1_oof``, its test F1, its distance
to ``f1_oof``, and its gain over the same forest at threshold 0.5. Usage: ``quality.py DATA SPLITS``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))

from churn_ops.contract import TableSchema
from churn_ops.training.fit import forest as forests
from churn_ops.training.fit.preprocessing import fit_and_transform
from churn_ops.training.fit.split import split_rows
from churn_ops.training.fit.threshold import best_f1_threshold

COUNTS = [50, 100, 200]


def main() -> None:
    """Print one JSON document with the means and every split."""
    data, splits = Path(sys.argv[1]), int(sys.argv[2])
    table = pd.read_csv(data, keep_default_na=False)
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce")
    labels = (table["Churn"] == "Yes").to_numpy().astype(int)
    rows = table.drop(columns=["customerID", "Churn"])
    numbers = rows.select_dtypes("number").columns
    features = [{"name": n, "kind": "number" if n in numbers else "category"} for n in rows.columns]
    schema = cast("TableSchema", {"features": features})
    found = []
    for split_seed in range(42, 42 + splits):
        found.append(one_split(rows, labels, schema, split_seed))
        print(f"split {split_seed}: {found[-1]}", file=sys.stderr)
    frame = pd.DataFrame(found)
    print(
        json.dumps(
            {
                "splits": splits,
                "meanTestF1": float(frame["testF1"].mean()),
                "spreadTestF1": float(frame["testF1"].std(ddof=1)),
                "meanOptimism": float((frame["f1Oof"] - frame["testF1"]).mean()),
                "meanGain": float((frame["testF1"] - frame["f1AtHalf"]).mean()),
                "split42": float(frame["testF1"].iloc[0]),
            }
        )
    )


def one_split(rows: pd.DataFrame, labels: np.ndarray, schema: TableSchema, split_seed: int) -> dict[str, float]:
    """Search one split."""
    customers = np.array([str(number) for number in range(len(rows))], dtype=object)
    learned, left = split_rows("random", customers, split_seed, {})
    preprocessing = fit_and_transform(schema, rows.iloc[learned])[0]
    train, test = preprocessing.transform(rows.iloc[learned]), preprocessing.transform(rows.iloc[left])
    best: dict[str, float] = {"f1Oof": -1.0}
    for depth in (10, 20, None):
        for least in (2, 5, 10):
            params = {"n_estimators": COUNTS[-1], "max_depth": depth, "min_samples_split": least}
            forest = forests.fit_forest("forest", train, labels[learned], params, 42, -1)
            answered = forests.probabilities(forest, COUNTS, test)
            # One row a customer.
            honest = forests.out_of_bag(forest, COUNTS, train, np.arange(len(learned)))
            for count, (held, _votes) in honest.items():
                threshold = best_f1_threshold(labels[learned], held)
                f1_oof = float(f1_score(labels[learned], held >= threshold))
                if f1_oof > best["f1Oof"]:
                    best = {
                        "f1Oof": f1_oof,
                        "testF1": float(f1_score(labels[left], answered[count] >= threshold)),
                        "f1AtHalf": float(f1_score(labels[left], answered[count] >= 0.5)),
                    }
    return best


if __name__ == "__main__":
    main()
