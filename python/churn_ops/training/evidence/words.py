"""How a training's choices are called in the model card."""

from __future__ import annotations

from typing import Any

from churn_ops.training.evidence.cells import code
from churn_ops.training.evidence.facts import Facts


def threshold_words(facts: Facts) -> str:
    """Say how the threshold was chosen."""
    rule = facts.training.get("threshold")
    kind = rule.get("kind", "f1") if isinstance(rule, dict) else (rule or "f1")
    chosen = {
        "f1": "with the highest F1",
        "0.5": "fixed",
        "capacity": "to flag as many customers as can be contacted",
        "cost": "with the highest profit",
    }.get(str(kind), str(kind))
    if str(kind) == "0.5":
        return chosen
    rule_text = ", ".join(f"{name} {value}" for name, value in rule.items() if name != "kind") if rule else ""
    where = f"chosen on {facts.held_method} predictions of the training rows, {chosen}"
    return f"{where} ({rule_text})" if rule_text else where


def split_words(training: dict[str, Any]) -> str:
    """Say how the rows were split; empty when it is not known."""
    split = training.get("split")
    kind = split.get("kind", "random") if isinstance(split, dict) else (split or "random")
    if "splitSeed" not in training:
        return ""
    if kind == "time" and "times" in training:
        return _time_words(training["times"])
    if kind == "random":
        return f"random, one in five rows for testing, split seed {training['splitSeed']}"
    return f"by {kind}, split seed {training['splitSeed']}"


def _time_words(times: dict[str, Any]) -> str:
    ends = ("trainFrom", "trainUntil", "testFrom", "testUntil")
    train_from, train_until, test_from, test_until = (code(times[end]) for end in ends)
    out = times["leftOut"]
    left = f"; {out['rows']:,} earlier rows of {out['customers']:,} test customers excluded"
    return (
        f"by time, the training rows from {train_from} to {train_until}, the test rows from {test_from} to "
        f"{test_until}{left if out['rows'] else ''}"
    )
