"""Pictures of one candidate's answers: ROC, precision-recall, calibration, threshold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn import metrics

from churn_ops.contract import EvidenceRules
from churn_ops.statistics.wilson import wilson
from churn_ops.training.evidence.facts import Facts
from churn_ops.training.evidence.figure import BLUE, GREEN, GREY, ORANGE, new_figure, save, tidy

CALIBRATION_BINS = EvidenceRules.CALIBRATION_BINS


def draw_roc(facts: Facts, path: Path) -> Path:
    """ROC curve on the test rows, with the point of the chosen threshold."""
    labels = facts.labels
    false_rate, true_rate, _ = metrics.roc_curve(labels, facts.answered)
    area = metrics.roc_auc_score(labels, facts.answered)
    figure = new_figure(4.6, 4.4)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="chance")
    axes.plot(false_rate, true_rate, color=BLUE, label=f"AUC {area:.3f}")
    flagged = facts.flagged
    point = (float(flagged[labels == 0].mean()), float(flagged[labels == 1].mean()))
    axes.plot(*point, "o", color=ORANGE, label=f"threshold {facts.threshold:.3f}")
    axes.set_aspect("equal")
    tidy(axes, f"ROC, {len(labels):,} test rows", "false positive rate", "true positive rate")
    axes.legend(loc="lower right", frameon=False)
    return save(figure, path)


def draw_precision_recall(facts: Facts, path: Path) -> Path:
    """Precision against recall on the test rows, with the point of the chosen threshold."""
    labels = facts.labels
    precision, recall, _ = metrics.precision_recall_curve(labels, facts.answered)
    area = metrics.average_precision_score(labels, facts.answered)
    figure = new_figure()
    axes = figure.add_subplot()
    axes.axhline(labels.mean(), color=GREY, linestyle=":", label=f"flag everybody: {labels.mean():.3f}")
    axes.plot(recall, precision, color=BLUE, label=f"average precision {area:.3f}")
    flagged = facts.flagged
    if flagged.any():
        point = (float(flagged[labels == 1].mean()), float(labels[flagged].mean()))
        axes.plot(*point, "o", color=ORANGE, label=f"threshold {facts.threshold:.3f}")
    axes.set_ylim(0, 1.02)
    tidy(axes, f"Precision and recall, {len(labels):,} test rows", "recall", "precision")
    axes.legend(loc="upper right", frameon=False)
    return save(figure, path)


def draw_calibration(facts: Facts, path: Path) -> Path:
    """Churn rate against mean predicted probability in ten equal groups, and the distribution of probabilities."""
    labels, answered = facts.labels, facts.answered
    groups = [group for group in np.array_split(np.argsort(answered, kind="stable"), CALIBRATION_BINS) if len(group)]
    predicted = np.array([answered[group].mean() for group in groups])
    churned = np.array([labels[group].sum() for group in groups])
    rows = np.array([len(group) for group in groups])
    low, high = wilson(churned, rows, np.array([len(np.unique(facts.test.group[group])) for group in groups]))
    actual = churned / rows
    figure = new_figure(4.8, 5.0)
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="perfect")
    # Wilson's interval need not hold the share itself where that is 0 or 1.
    bars = [np.clip(actual - low, 0, None), np.clip(high - actual, 0, None)]
    axes.errorbar(predicted, actual, yerr=bars, fmt="o", color=BLUE, capsize=3, label="tenth of the rows, 95 %")
    axes.axvline(facts.threshold, color=ORANGE, linewidth=1, label=f"threshold {facts.threshold:.3f}")
    tidy(axes, f"Calibration, {len(labels):,} test rows", "", "churn rate")
    axes.set_ylim(-0.02, 1.02)
    axes.legend(loc="lower right", frameon=False)
    below.hist(answered, bins=np.linspace(0, 1, 41), color=BLUE)
    below.axvline(facts.threshold, color=ORANGE, linewidth=1)
    tidy(below, "", "predicted probability", "rows")
    below.set_xlim(0, 1)
    return save(figure, path)


def draw_threshold(facts: Facts, path: Path) -> Path:
    """F1, precision and recall against the threshold, on the answers that the threshold was chosen on."""
    known = np.isfinite(facts.held)
    labels = facts.train.label[known]
    precision, recall, thresholds = metrics.precision_recall_curve(labels, facts.held[known])
    precision, recall = precision[:-1], recall[:-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        f1 = np.nan_to_num(2 * precision * recall / (precision + recall))
    figure = new_figure()
    axes = figure.add_subplot()
    axes.plot(thresholds, precision, color=GREY, linewidth=1, label="precision")
    axes.plot(thresholds, recall, color=GREEN, linewidth=1, label="recall")
    axes.plot(thresholds, f1, color=BLUE, linewidth=2, label="F1")
    at = metrics.f1_score(labels, facts.held[known] >= facts.threshold, zero_division=0)
    axes.axvline(facts.threshold, color=ORANGE, linewidth=1)
    axes.plot(facts.threshold, at, "o", color=ORANGE, label=f"chosen: {facts.threshold:.3f}, F1 {at:.3f}")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    tidy(axes, f"Threshold, {facts.held_method} predictions of {len(labels):,} training rows", "threshold", "")
    figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return save(figure, path)
