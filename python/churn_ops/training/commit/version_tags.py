"""The tags that a version takes over from its candidate's run."""

from __future__ import annotations

from churn_ops.contract import Tag

# The registry has no metrics of its own: these spare readers one look-up of a run for each version.
_METRICS = {"f1_score": Tag.F1, "f1_oof": Tag.F1_OOF, "f1_score_low": Tag.F1_LOW, "f1_score_high": Tag.F1_HIGH}
# What is true of the run alone.
_OF_THE_RUN = frozenset({Tag.OWNER, Tag.ATTEMPT, Tag.ENDED_BECAUSE})


def version_tags(run_tags: dict[str, str], metrics: dict[str, float]) -> dict[str, str]:
    """Make a version's tags of its run's tags and metrics."""
    tags = {name: value for name, value in run_tags.items() if name not in _OF_THE_RUN}
    return {**tags, **{tag: repr(metrics[name]) for name, tag in _METRICS.items() if name in metrics}}
