"""The tags that a version takes over from its candidate's run."""

from __future__ import annotations

from churn_ops.contract import Tag

# The registry has no metrics of its own: these spare readers one look-up of a run for each version.
_METRICS = ("f1_score", "f1_oof", "f1_score_low", "f1_score_high")
# What is true of the run alone.
_OF_THE_RUN = frozenset({Tag.OWNER, Tag.ATTEMPT, Tag.ENDED_BECAUSE})


def version_tags(run_tags: dict[str, str], metrics: dict[str, float]) -> dict[str, str]:
    """Make a version's tags of its run's tags and metrics."""
    tags = {name: value for name, value in run_tags.items() if name not in _OF_THE_RUN}
    return {**tags, **{f"churnops.{name}": repr(metrics[name]) for name in _METRICS if name in metrics}}
