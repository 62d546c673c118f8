"""Tables of the model card."""

from __future__ import annotations

from collections.abc import Sequence

from churn_ops.contract import EvidenceRules
from churn_ops.training.evidence.cells import plain
from churn_ops.training.evidence.facts import Facts
from churn_ops.training.evidence.importance import MAXIMUM_ROWS, REPEATS, Importance
from churn_ops.training.evidence.markdown import bounded, table
from churn_ops.training.evidence.slices import MINIMUM_ROWS, Slice

_SHOWN_IMPORTANCE = EvidenceRules.IMPORTANCE_LISTED


def importance_table(importance: Sequence[Importance]) -> str:
    """How much each column matters, the first ones."""
    if not importance:
        return ""
    rows = [[plain(item.column), f"{item.loss:+.4f}", f"{item.spread:.4f}"] for item in importance[:_SHOWN_IMPORTANCE]]
    note = (
        f"Drop in average precision when one raw column is shuffled: at most {MAXIMUM_ROWS:,} test rows, {REPEATS} "
        "repeats. Columns with the same information share their importance, so each of them looks less important."
    )
    return f"{note}\n\n{table(['column', 'loss', 'standard deviation'], rows)}"


def slices_table(slices: Sequence[Slice]) -> str:
    """How well the model does for groups of customers."""
    if not slices:
        return f"No column gives groups of at least {MINIMUM_ROWS} test rows."
    rows = [
        [
            plain(item.column),
            plain(item.value),
            f"{item.rows:,}",
            f"{item.churn_rate:.3f} ({item.churn_low:.2f} to {item.churn_high:.2f})",
            f"{item.predicted:.3f}{' *' if item.off else ''}",
            bounded(item.precision, item.precision_low, item.precision_high),
            bounded(item.recall, item.recall_low, item.recall_high),
        ]
        for item in slices
    ]
    off = sum(item.off for item in slices)
    by_chance = max(1, round(EvidenceRules.SLICE_CHANCE * len(slices)))
    note = (
        f"Test rows, groups of at least {MINIMUM_ROWS}; numbers in bands at the terciles of the training rows; Wilson "
        f"intervals of 95 %. A star marks a mean prediction outside the interval of the churn rate: {off} of "
        f"{len(slices)} groups, where chance alone would mark about {by_chance}."
    )
    header = ["column", "value", "rows", "churn rate", "mean predicted", "precision", "recall"]
    return f"{note}\n\n{table(header, rows)}"


def missing_values_table(facts: Facts) -> str:
    """Which columns have blanks, and how many."""
    names = facts.features
    blanks = facts.train.features[names].isna().sum()
    seen = [f"{plain(name)} ({count})" for name, count in blanks.items() if count > 0]
    linear = "logistic" in facts.estimator
    numbers = (
        "A missing number is replaced by the median of the training rows."
        if linear
        else "A missing number stays missing; trees send it down the branch learned for missing values, or, if a "
        "column had none in training, down the branch of most training rows."
    )
    return "\n".join(
        [
            f"- Missing values in the training rows: {', '.join(seen) or 'none'}.",
            f"- {numbers}",
            "- A missing category is a value of its own if the training rows had missing ones, otherwise unknown.",
            "- An unknown category is treated as none of the known ones; it is not an error for the model.",
            "- `churn-ops predict` refuses rows that the schema does not allow; the bare MLflow endpoint scores them.",
        ]
    )
