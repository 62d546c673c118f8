"""Run Evidently and save what it made; the only file that knows Evidently's shapes."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from churn_ops.contract import DriftLimits, ReportPaths
from churn_ops.drift.report_page import harden
from churn_ops.process import atomic_file

TARGET = "churned"
ANSWER = "answer"
PROBABILITY = "probability"


def compare(
    reference: pd.DataFrame,
    window: pd.DataFrame,
    kinds: dict[str, str],
    methods: dict[str, str],
    limits: DriftLimits,
    answer_threshold: float | None,
) -> tuple[Any, dict[str, dict[str, Any]]]:
    """Run Evidently's presets.

    Parameters
    ----------
    reference, window : pandas.DataFrame
        The columns of `kinds`; with `answer_threshold` also ``churned``, ``answer`` and, where
        the endpoint tells it, ``probability``.
    kinds : dict of str to {'number', 'category'}
        Columns to judge for drift.
    methods : dict
        Evidently's method by kind.
    limits : dict
        ``columnThreshold``, the score from which a column counts as drifted, ``count`` and ``share``.
    answer_threshold : float or None
        Probability from which an answer is 1; None leaves the classification part out.

    Returns
    -------
    run : evidently snapshot
        To be saved.
    scores : dict
        By column: ``score`` and ``method``.
    """
    from evidently import BinaryClassification, DataDefinition, Dataset, Report
    from evidently.presets import ClassificationPreset, DataDriftPreset

    metrics: list[Any] = [
        DataDriftPreset(
            columns=list(kinds),
            num_method=methods["number"],
            cat_method=methods["category"],
            num_threshold=limits["columnThreshold"],
            cat_threshold=limits["columnThreshold"],
            drift_share=_least_share(limits, len(kinds)),
        )
    ]
    answers = None
    if answer_threshold is not None:
        # Evidently derives labels from probabilities when it has them, at 0.5 unless told otherwise.
        metrics.append(ClassificationPreset(probas_threshold=answer_threshold if PROBABILITY in window else None))
        answers = [
            BinaryClassification(
                target=TARGET,
                prediction_labels=ANSWER,
                prediction_probas=PROBABILITY if PROBABILITY in window else None,
                pos_label=1,
            )
        ]
    definition = DataDefinition(
        numerical_columns=[name for name, kind in kinds.items() if kind == "number"],
        categorical_columns=[name for name, kind in kinds.items() if kind == "category"],
        classification=answers,
    )
    run = Report(metrics, include_tests=True).run(
        current_data=Dataset.from_pandas(window, data_definition=definition),
        reference_data=Dataset.from_pandas(reference, data_definition=definition),
    )
    scores = {}
    for metric in run.dict()["metrics"]:
        config = metric.get("config", {})
        if str(config.get("type", "")).endswith(":ValueDrift"):
            scores[config["column"]] = {"score": float(metric["value"]), "method": str(config["method"])}
    return run, scores


def _least_share(limits: DriftLimits, columns: int) -> float:
    # Evidently knows a share alone and counts from it on; its headline must not contradict our two limits.
    return (min(limits["count"], math.floor(limits["share"] * columns)) + 1) / columns


def save(run: Any, folder: str) -> ReportPaths:
    """Save a run as ``report.html`` and ``report.json``; a failure leaves neither.

    Parameters
    ----------
    run : evidently snapshot
        What :func:`compare` gave.
    folder : str
        Made when it is not there.
    """
    place = Path(folder).resolve()
    made = not place.exists()
    place.mkdir(parents=True, exist_ok=True)
    savers: dict[str, Callable[[Path], Any]] = {
        "html": lambda path: path.write_text(harden(run.get_html_str(as_iframe=False)), encoding="utf-8"),
        "json": lambda path: run.save_json(str(path)),
    }
    finished = {kind: place / f"report.{kind}" for kind in savers}
    try:
        # Both are whole before either takes its place.
        with contextlib.ExitStack() as drafts:
            unfinished = {kind: drafts.enter_context(atomic_file.draft(path)) for kind, path in finished.items()}
            for kind, save_as in savers.items():
                save_as(unfinished[kind])
    except BaseException:
        if made:
            with contextlib.suppress(OSError):
                place.rmdir()
        raise
    return {"html": str(finished["html"]), "json": str(finished["json"])}
