"""The files of one fitted candidate: model, honest predictions, picture; and its metrics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import f1_score
from sklearn.model_selection import FixedThresholdClassifier

from churn_ops.contract import Metrics
from churn_ops.training.engine.events import Facts
from churn_ops.training.fit import skops_file
from churn_ops.training.fit.calibrate import calibrated, calibrated_probabilities
from churn_ops.training.fit.clock import Clock
from churn_ops.training.fit.measure import decision_metrics, measure
from churn_ops.training.fit.out_of_sample import OutOfSample
from churn_ops.training.fit.picture import save_confusion_matrix
from churn_ops.training.fit.shared_trees import SharedTrees
from churn_ops.training.fit.threshold import choose_threshold, contact_profit, customer_values
from churn_ops.versions.rows import Rows

if TYPE_CHECKING:
    from churn_ops.training.engine.job import Job


def write_candidate(
    job: Job, index: int, pipeline: Any, answered: np.ndarray, honest: OutOfSample, clock: Clock, trees: SharedTrees
) -> Facts:
    """Calibrate when asked, choose the threshold, measure, and write the candidate's folder.

    Parameters
    ----------
    job : Job
        Rows and settings of the training.
    index : int
        Number of the candidate; its folder is ``candidate-<index>``.
    pipeline : sklearn.pipeline.Pipeline
        Fitted on the training rows.
    answered : numpy.ndarray of float
        Its probabilities of the test rows.
    honest : OutOfSample
        Probabilities of the training rows by models that did not learn from them.
    clock : Clock
        Counts the phases.
    trees : SharedTrees
        Trees that candidates of the same group have written before.
    """
    train_labels, test_labels = job.train.label, job.test.label
    settings, held, model = job.settings, honest.probabilities, pipeline
    if settings["calibrate"]:
        model = calibrated(pipeline, train_labels, held)
        answered = calibrated_probabilities(pipeline, model, answered)
        held = calibrated_probabilities(pipeline, model, held)
    rule = settings["threshold"]
    threshold = choose_threshold(rule, train_labels, held, customer_values(rule, job.train.features))
    values = customer_values(rule, job.test.features)
    profits = None if values is None or rule["kind"] != "cost" else contact_profit(rule, test_labels, values)
    known = np.isfinite(held)
    metrics: Metrics = {
        "f1_oof": float(f1_score(train_labels[known], held[known] >= threshold, zero_division=0)),
        **measure(test_labels, answered, threshold, job.test.group, settings["seed"]),
        **decision_metrics(rule, test_labels, answered, profits, threshold),
    }
    if honest.cv_score is not None:
        metrics["cv_average_precision"] = honest.cv_score
    clock.lap("measure")

    folder = job.folder / f"candidate-{index}"
    (folder / "predictions").mkdir(parents=True)
    features = list(pipeline.feature_names_in_)
    skops_file.dump(frozen(model, threshold, job.train.features[features]), folder / "model.skops", trees)
    clock.lap("save")
    write_predictions(job.train, held, folder / "predictions" / "reference.csv")
    write_predictions(job.test, answered, folder / "predictions" / "held_out.csv")
    target = settings["schema"]["target"]
    save_confusion_matrix(
        test_labels,
        (answered >= threshold).astype(np.int64),
        (target["negative"], target["positive"]),
        run_files(job.folder, index) / "confusion_matrix.png",
    )
    clock.lap("evidence")
    return {"threshold": threshold, "metrics": metrics, "heldMethod": honest.method}


def run_files(folder: Path, index: int) -> Path:
    """Folder of the files that go to a candidate's run and not into its model."""
    files = folder / f"run-{index}"
    files.mkdir(exist_ok=True)
    return files


def frozen(model: Any, threshold: float, train: pd.DataFrame) -> FixedThresholdClassifier:
    """Freeze a fitted model and its threshold into one classifier that takes raw rows."""
    classifier = FixedThresholdClassifier(
        FrozenEstimator(model), threshold=threshold, pos_label=1, response_method="predict_proba"
    )
    # Fitting a frozen estimator learns nothing; it only sets the names and classes that scikit-learn checks for.
    return classifier.fit(train.iloc[:2], np.array([0, 1]))


def write_predictions(rows: Rows, probabilities: np.ndarray, path: Path) -> None:
    """Store row key, label and probability; a row without a vote has an empty probability."""
    stored = pd.DataFrame({"row_key": rows.row_key, "label": rows.label, "probability": probabilities})
    stored.to_csv(path, index=False)
