"""Measure how far an answered window lies from the reference; what has drifted is decided by who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from churn_ops.contract import ColumnScore, DriftReport, DriftRequest, Performance, ReportPaths, Scored
from churn_ops.drift import report
from churn_ops.drift.columns import (
    PREDICTION,
    ComparedColumn,
    data_warnings,
    distinct_names,
    strip_markup,
    why_not_comparable,
)
from churn_ops.drift.quality import measure_quality
from churn_ops.drift.stored_window import StoredWindow
from churn_ops.drift.window_file import stored_window
from churn_ops.progress import Progress


@dataclass(frozen=True)
class _Side:
    """Rows of one side with the label that the endpoint gave and the one that is honest."""

    features: pd.DataFrame
    labels: np.ndarray | None
    said: np.ndarray
    answers: np.ndarray
    probabilities: np.ndarray

    def only(self, rows: np.ndarray) -> _Side:
        labels = None if self.labels is None else self.labels[rows]
        kept = self.features[rows].reset_index(drop=True)
        return _Side(kept, labels, self.said[rows], self.answers[rows], self.probabilities[rows])


def measure(request: DriftRequest, progress: Progress) -> DriftReport:
    """Measure drift of features and prediction, and quality where labels are known."""
    drawn = stored_window(request)
    limits = request["limits"]
    warnings: list[str] = []
    reference = _reference_side(drawn, warnings)
    window = _window_side(drawn, request["answers"], warnings)

    columns, frames = _columns(drawn, reference, window)
    for column in columns:
        warnings += data_warnings(column, frames[0][column.shown], frames[1][column.shown])
    answer_threshold = _answer_threshold(drawn, reference, window, warnings)
    if answer_threshold is not None:
        detailed = bool(np.isfinite(window.probabilities).all())
        frames = (_with_answers(frames[0], reference, detailed), _with_answers(frames[1], window, detailed))

    kinds = {column.shown: column.kind for column in columns if column.why_not_comparable is None}
    methods = {"number": limits["numberMethod"], "category": limits["categoryMethod"]}
    scores: dict[str, dict[str, Any]] = {}
    reports: ReportPaths | None = None
    if kinds:
        progress("judge", 0, 0, f"Evidently compares {len(frames[1])} rows with {len(frames[0])}")
        run, scores = report.compare(*frames, kinds, methods, limits, answer_threshold)
        progress("report", 0, 0, "writing the reports")
        reports = report.save(run, request["reportFolder"])
    return {
        "columns": [_score(column, scores.get(column.shown), methods) for column in columns],
        "performance": _performance(reference, window),
        "reports": reports,
        "rows": len(window.features),
        "warnings": warnings,
    }


def _reference_side(drawn: StoredWindow, warnings: list[str]) -> _Side:
    stored = drawn.reference
    answers = (stored.probabilities >= stored.threshold).astype(np.int64)
    side = _Side(stored.features, stored.labels, answers, answers, stored.probabilities)
    voted = np.isfinite(stored.probabilities)
    if voted.all():
        return side
    if not voted.any():
        warnings.append("The version has no out-of-bag predictions; prediction and quality cannot be compared.")
        return _Side(stored.features, None, stored.probabilities, answers, stored.probabilities)
    # Chance alone decides which rows have no vote, so the others stand for them.
    warnings.append(f"{int((~voted).sum())} training rows without an out-of-bag prediction were excluded.")
    return side.only(voted)


def _window_side(drawn: StoredWindow, scored: list[Scored], warnings: list[str]) -> _Side:
    said = np.array([answer["label"] for answer in scored], dtype=np.int64)
    # None becomes NaN: some endpoints tell labels only.
    probabilities = np.array([answer["probability"] for answer in scored], dtype=np.float64)
    if len(said) != len(drawn.features):
        raise ValueError(f"{len(drawn.features)} rows were sent, {len(said)} were answered")
    answers = said
    learned = drawn.learned >= 0
    if not learned.any():
        return _Side(drawn.features, drawn.labels, said, answers, probabilities)
    # A model flatters itself on rows that it learned from; its out-of-bag answers do not.
    stored = drawn.reference
    honest = stored.probabilities[drawn.learned]
    probabilities = np.where(learned, honest, probabilities)
    answers = np.where(learned, (honest >= stored.threshold).astype(np.int64), said)
    kept = ~learned | np.isfinite(honest)
    without = "" if kept.all() else f"; {int((~kept).sum())} of them have none and were excluded"
    warnings.append(
        f"{int(learned.sum())} of {len(said)} rows are rows that the model was trained on; "
        f"for its quality their out-of-bag predictions are used{without}."
    )
    return _Side(drawn.features, drawn.labels, said, answers, probabilities).only(kept)


def _columns(
    drawn: StoredWindow, reference: _Side, window: _Side
) -> tuple[list[ComparedColumn], tuple[pd.DataFrame, pd.DataFrame]]:
    features = drawn.schema["features"]
    taken = {PREDICTION, report.TARGET, report.ANSWER, report.PROBABILITY}
    told = distinct_names([feature["name"] for feature in features], {PREDICTION})
    shown = [*distinct_names([strip_markup(name) for name in told], taken), PREDICTION]
    names = [*told, PREDICTION]
    # A probability moves long before its label does; labels stand in where an endpoint tells nothing else.
    detailed = bool(np.isfinite(reference.probabilities).all() and np.isfinite(window.probabilities).all())
    kinds = [*(feature["kind"] for feature in features), "number" if detailed else "category"]
    frames = (_frame(reference, shown, detailed), _frame(window, shown, detailed))
    columns = [
        ComparedColumn(name, label, kind, why_not_comparable(kind, frames[0][label], frames[1][label]))
        for name, label, kind in zip(names, shown, kinds, strict=True)
    ]
    return columns, frames


def _frame(side: _Side, shown: list[str], detailed: bool) -> pd.DataFrame:
    frame = side.features.copy()
    frame.columns = pd.Index(shown[:-1])
    for name in frame.columns:
        if frame[name].dtype == object:
            frame[name] = frame[name].map(strip_markup)
    frame[PREDICTION] = side.probabilities if detailed else side.said
    return frame


def _with_answers(frame: pd.DataFrame, side: _Side, detailed: bool) -> pd.DataFrame:
    answered = frame.assign(**{report.TARGET: side.labels, report.ANSWER: side.answers})
    return answered.assign(**{report.PROBABILITY: side.probabilities}) if detailed else answered


def _answer_threshold(drawn: StoredWindow, reference: _Side, window: _Side, warnings: list[str]) -> float | None:
    if window.labels is None:
        warnings.append("The rows have no labels; quality was not measured.")
        return None
    if reference.labels is None:
        return None
    for side, labels in (("reference", reference.labels), ("window", window.labels)):
        if (labels < 0).any():
            warnings.append(f"{int((labels < 0).sum())} rows have no label; the report has no classification section.")
            return None
        if len(np.unique(labels)) < 2:
            warnings.append(f"The {side} has only one class; the report has no classification section.")
            return None
    return drawn.reference.threshold


def _performance(reference: _Side, window: _Side) -> Performance | None:
    if window.labels is None or reference.labels is None:
        return None
    labelled = window.labels >= 0
    return {
        "rows": int(labelled.sum()),
        "reference": measure_quality(reference.labels, reference.answers, reference.probabilities),
        "window": measure_quality(window.labels[labelled], window.answers[labelled], window.probabilities[labelled]),
    }


def _score(column: ComparedColumn, found: dict[str, Any] | None, methods: dict[str, str]) -> ColumnScore:
    return {
        "name": column.name,
        "method": methods[column.kind] if found is None else found["method"],
        "score": None if found is None or not np.isfinite(found["score"]) else found["score"],
    }
