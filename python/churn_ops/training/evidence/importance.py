"""Which raw columns a candidate leans on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from churn_ops.contract import EvidenceRules
from churn_ops.training.evidence.facts import Facts
from churn_ops.training.evidence.figure import BLUE, GREY, new_figure, save, tidy

MAXIMUM_ROWS = EvidenceRules.IMPORTANCE_ROWS
REPEATS = EvidenceRules.IMPORTANCE_REPEATS


@dataclass(frozen=True)
class Importance:
    """Loss of average precision when a column is shuffled: mean and standard deviation over the repeats."""

    column: str
    loss: float
    spread: float


def permutation_importance(facts: Facts, seed: int = 0, threads: int = 1) -> list[Importance]:
    """Shuffle one raw column at a time and measure what is lost.

    Breiman, Random Forests (2001), on the test rows: the model did not learn from them, and nothing is chosen by the
    answer. Average precision, because no threshold takes part. At most 1,000 rows, three repeats, one call of
    ``predict_proba`` for each column.

    Parameters
    ----------
    facts : Facts
        With ``model``.
    seed : int
        Of the rows drawn and of the shuffles.
    threads : int
        Columns at a time; the answer does not depend on it.

    Returns
    -------
    list of Importance
        The largest loss first.
    """
    random = np.random.default_rng(seed)
    rows, labels = facts.test.features[facts.features], facts.labels
    if len(rows) > MAXIMUM_ROWS:
        drawn = np.sort(random.choice(len(rows), MAXIMUM_ROWS, replace=False))
        rows, labels = rows.iloc[drawn], labels[drawn]
    if len(np.unique(labels)) < 2:
        return []
    base = average_precision_score(labels, facts.model.predict_proba(rows)[:, 1])
    stacked = pd.concat([rows] * REPEATS, ignore_index=True)
    orders = {name: np.concatenate([random.permutation(len(rows)) for _ in range(REPEATS)]) for name in facts.features}

    def measure(name: str) -> Importance:
        # Not by keyword: a column may be called self.
        shuffled = stacked.copy()
        shuffled[name] = rows[name].to_numpy()[orders[name]]
        answers = facts.model.predict_proba(shuffled)[:, 1].reshape(REPEATS, -1)
        losses = [base - average_precision_score(labels, answer) for answer in answers]
        return Importance(name, float(np.mean(losses)), float(np.std(losses, ddof=1)))

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(measure, facts.features))
    return sorted(found, key=lambda importance: -importance.loss)


def draw_importance(found: list[Importance], path: Path) -> Path:
    """Bars of the largest losses, the largest on top."""
    shown = found[: EvidenceRules.IMPORTANCE_DRAWN][::-1]
    figure = new_figure(6.0, 1.2 + 0.23 * len(shown))
    axes = figure.add_subplot()
    places = range(len(shown))
    axes.barh(
        places,
        [importance.loss for importance in shown],
        xerr=[importance.spread for importance in shown],
        color=BLUE,
        ecolor=GREY,
        height=0.7,
    )
    # A name with dollar signs is a name and no formula, which might not even parse.
    axes.set_yticks(places, [importance.column for importance in shown], parse_math=False)
    axes.margins(y=0.01)
    axes.axvline(0, color="black", linewidth=0.8)
    title = "Permutation importance, test rows"
    if len(found) > len(shown):
        title += f" (first {len(shown)} of {len(found)} columns)"
    tidy(axes, title, "drop in average precision when the column is shuffled", "")
    axes.grid(visible=False, axis="y")
    return save(figure, path)
