"""Versions with stored predictions in a real store, without any training."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from churn_ops.store.connect import connect

MODEL = "RandomForestGridSearch"


class GateStore:
    """Makes searches and versions whose rows and predictions a test chooses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = {"trackingUri": f"sqlite:///{folder}/mlflow.db", "model": MODEL}
        self.client = connect(self.store["trackingUri"])
        self.client.create_registered_model(MODEL)
        self.experiment = self.client.create_experiment("customerchurn", artifact_location=(folder / "runs").as_uri())

    def search(self, held_out: pd.DataFrame, reference: pd.DataFrame) -> str:
        """Make the parent run of a search with its rows; both need row_key, label and feature columns."""
        run = self.client.create_run(self.experiment).info.run_id
        for side, rows in (("held_out", held_out), ("reference", reference)):
            path = self.folder / f"{side}.parquet"
            rows.to_parquet(path, index=False)
            self.client.log_artifact(run, str(path), "data")
        return run

    def version(self, search: str, held_out: pd.DataFrame, reference: pd.DataFrame, probabilities, **tags: str) -> str:
        """Register a version of a search with its stored predictions of the held-out rows."""
        run = self.client.create_run(self.experiment).info.run_id
        folder = self.folder / "versions" / run
        (folder / "predictions").mkdir(parents=True)
        (folder / "MLmodel").write_text("flavors: {}\n")
        for side, rows, answers in (
            ("held_out", held_out, probabilities),
            ("reference", reference, np.full(len(reference), 0.5)),
        ):
            with (folder / "predictions" / f"{side}.csv").open("w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["row_key", "label", "probability"])
                writer.writerows(zip(rows["row_key"], rows["label"], answers, strict=True))
        written = {
            "churnops.parent_run_id": search,
            "churnops.threshold": "0.5",
            "churnops.f1_score": "0.6",
            "churnops.f1_oof": "0.6",
            **{f"churnops.{name}": value for name, value in tags.items()},
        }
        return str(self.client.create_model_version(MODEL, folder.as_uri(), run, tags=written).version)

    def compare(self, baseline: str, candidate: str, **pair) -> dict:
        """Compare one pair by F1."""
        from churn_ops.registry.compare.compare import compare

        asked = {
            "baseline": baseline,
            "candidate": candidate,
            "rows": "held-out",
            "newerOnly": False,
            "draws": 500,
            "required": True,
            **pair,
        }
        request = {
            "store": self.store,
            "pairs": [asked],
            "fresh": None,
            "metric": {"kind": "f1"},
            "seed": 1,
            "confidence": 0.95,
        }
        return compare(request, lambda *_: None)[0]


def customers(count: int, start: int = 0, columns: int = 3) -> pd.DataFrame:
    """Rows of made-up customers; the same numbers give the same rows."""
    numbers = np.arange(start, start + count)
    rows = pd.DataFrame({"row_key": [f"{columns}-{number}" for number in numbers]})
    rows["plan"] = [["basic", "plus", None][number % 3] for number in numbers]
    rows["age"] = (numbers % 7).astype(float)
    if columns > 2:
        rows["amount"] = numbers * 1.5
    rows["label"] = (numbers % 4 == 0).astype(int)
    return rows
