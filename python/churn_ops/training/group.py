"""One group of candidates: all numbers of trees over one fit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import Pipeline

from churn_ops.preprocessing import build_preprocessing
from churn_ops.training import forest as forests
from churn_ops.training import skops_file
from churn_ops.training.measure import best_f1_threshold, measure
from churn_ops.training.picture import save_confusion_matrix
from churn_ops.wire import finite


@dataclass
class Job:
    """What all groups of a training share, prepared once a process.

    Attributes
    ----------
    folder : pathlib.Path
        Work folder; ``reference.parquet`` and ``held_out.parquet`` lie in it, candidates get a folder each.
    train, test : pandas.DataFrame
        Rows with ``row_key``, raw features and ``label``.
    preprocessing : sklearn.compose.ColumnTransformer
        Fitted on the training rows.
    """

    folder: Path
    train: pd.DataFrame
    test: pd.DataFrame
    preprocessing: ColumnTransformer
    train_matrix: np.ndarray
    test_matrix: np.ndarray
    label_names: tuple[str, str]
    seed: int
    jobs: int

    @classmethod
    def load(cls, job: dict[str, Any]) -> Job:
        """Read the rows and fit the preprocessing."""
        folder = Path(job["folder"])
        train = read_rows(folder / "reference.parquet", job["schema"])
        test = read_rows(folder / "held_out.parquet", job["schema"])
        features = [column["name"] for column in job["schema"]["features"]]
        preprocessing = build_preprocessing(job["schema"]).fit(train[features])
        target = job["schema"]["target"]
        return cls(
            folder=folder,
            train=train,
            test=test,
            preprocessing=preprocessing,
            train_matrix=preprocessing.transform(train[features]),
            test_matrix=preprocessing.transform(test[features]),
            label_names=(target["negative"], target["positive"]),
            seed=job["seed"],
            jobs=job["jobs"],
        )

    def run(self, task: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Fit one group and give its candidates one by one, files written.

        Parameters
        ----------
        task : dict
            ``params`` of the forest without ``n_estimators``, and ``candidates`` with ``index`` and ``trees``.

        Yields
        ------
        dict
            ``index``, ``threshold``, ``metrics``, ``heldMethod`` and ``seconds`` by phase.
        """
        counts = sorted({candidate["trees"] for candidate in task["candidates"]})
        labels = self.train["label"].to_numpy()
        clock = _Clock()
        forest = forests.fit_forest(self.train_matrix, labels, task["params"], counts[-1], self.seed, self.jobs)
        clock.lap("fit")
        votes = forests.forest_votes(forest, counts, self.train_matrix, labels, self.test_matrix)
        clock.lap("measure")
        for candidate in task["candidates"]:
            found = votes[candidate["trees"]]
            threshold, f1_oof = best_f1_threshold(labels, found.held)
            test_labels = self.test["label"].to_numpy()
            metrics = {"f1_oof": f1_oof, **measure(test_labels, found.test, threshold, self.seed)}
            clock.lap("measure")
            self._write(candidate["index"], forests.first_trees(forest, candidate["trees"]), threshold, found, clock)
            yield finite(
                {
                    "index": candidate["index"],
                    "threshold": threshold,
                    "metrics": metrics,
                    "heldMethod": found.method,
                    "seconds": clock.take(),
                }
            )

    def _write(self, index: int, forest: Any, threshold: float, votes: forests.Votes, clock: _Clock) -> None:
        folder = self.folder / f"candidate-{index}"
        (folder / "predictions").mkdir(parents=True)
        skops_file.dump(frozen(self.preprocessing, forest, threshold, self.train), folder / "model.skops")
        clock.lap("save")
        write_predictions(self.train, votes.held, folder / "predictions" / "reference.csv")
        write_predictions(self.test, votes.test, folder / "predictions" / "held_out.csv")
        predicted = (votes.test >= threshold).astype(np.int64)
        save_confusion_matrix(
            self.test["label"].to_numpy(), predicted, self.label_names, self.folder / f"confusion-{index}.png"
        )
        clock.lap("evidence")


def frozen(
    preprocessing: ColumnTransformer, classifier: Any, threshold: float, train: pd.DataFrame
) -> FixedThresholdClassifier:
    """Freeze a fitted pipeline and its threshold into one classifier that takes raw rows."""
    pipeline = Pipeline([("preprocessing", preprocessing), ("classifier", classifier)])
    model = FixedThresholdClassifier(
        FrozenEstimator(pipeline), threshold=threshold, pos_label=1, response_method="predict_proba"
    )
    # Fitting a frozen estimator learns nothing; it only sets the names and classes that scikit-learn checks for.
    few = train.iloc[:2][list(preprocessing.feature_names_in_)]
    return model.fit(few, np.array([0, 1]))


def read_rows(path: Path, schema: dict[str, Any]) -> pd.DataFrame:
    """Read stored rows with the types that training uses."""
    frame = pd.read_parquet(path)
    for column in schema["features"]:
        if column["kind"] == "category":
            values = frame[column["name"]].astype(object)
            frame[column["name"]] = values.where(values.notna(), None)
    return frame


def write_predictions(rows: pd.DataFrame, probabilities: np.ndarray, path: Path) -> None:
    """Store row key, label and probability; a row without a vote has an empty probability."""
    stored = pd.DataFrame({"row_key": rows["row_key"], "label": rows["label"], "probability": probabilities})
    stored.to_csv(path, index=False)


class _Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, phase: str) -> None:
        now = time.perf_counter()
        self._seconds[phase] = self._seconds.get(phase, 0.0) + now - self._last
        self._last = now

    def take(self) -> dict[str, float]:
        seconds, self._seconds = self._seconds, {}
        return seconds
