"""The candidates of one search side by side."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from churn_ops.contract import EvidenceRules, SearchRanking
from churn_ops.training.engine.events import Ranked
from churn_ops.training.evidence.cells import code, plain, spreadsheet
from churn_ops.training.evidence.figure import BLUE, ORANGE, new_figure, save, tidy

_METRICS = ("f1_oof", "f1_score", "f1_score_low", "f1_score_high", "precision", "recall", "roc_auc")
Shown = TypeVar("Shown", bound=Ranked)
_BELOW_ALL = float("-inf")


def ranked(search: Sequence[Shown]) -> list[Shown]:
    """Order candidates as the contract's ranking says."""

    def place(candidate: Ranked) -> tuple[float, int]:
        measured = candidate["metrics"].get(SearchRanking.METRIC)
        return (-(_BELOW_ALL if measured is None else measured), int(candidate[SearchRanking.TIE_BREAK] or 0))

    return sorted(search, key=place)


def write_csv(search: Sequence[Ranked], path: Path) -> Path:
    """Write one line a candidate, the best first, with its parameters."""
    order = ranked(search)
    names = sorted({name for candidate in order for name in candidate.get("params", {})})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["rank", "version", "name", *_METRICS, "threshold", *names])
        for rank, candidate in enumerate(order, start=1):
            numbers = [candidate["metrics"].get(name) for name in _METRICS]
            params = [candidate.get("params", {}).get(name) for name in names]
            cells = [rank, candidate["version"], candidate["name"], *numbers, candidate.get("threshold"), *params]
            writer.writerow([spreadsheet(cell) for cell in cells])
    return path


def draw_leaderboard(search: Sequence[Ranked], path: Path) -> Path:
    """F1 on the test rows with its interval, and the out-of-sample F1 of the training rows that ranks them."""
    order = ranked(search)
    shown = order[: EvidenceRules.LEADERBOARD_DRAWN]
    figure = new_figure(7.0, 1.4 + 0.22 * len(shown))
    axes = figure.add_subplot()
    places = range(len(shown), 0, -1)
    for place, candidate in zip(places, shown, strict=True):
        measured = candidate["metrics"]
        f1, low, high = (measured.get(name) for name in ("f1_score", "f1_score_low", "f1_score_high"))
        if f1 is None:
            continue
        if low is not None and high is not None:
            axes.plot([low, high], [place, place], color=BLUE, linewidth=1.2, alpha=0.6)
        axes.plot(f1, place, "o", color=BLUE, markersize=5, label="test rows, 95 %" if place == len(shown) else None)
        if (unseen := measured.get(SearchRanking.METRIC)) is not None:
            label = "training rows, out-of-sample (used for ranking)" if place == len(shown) else None
            axes.plot(unseen, place, "D", color=ORANGE, markersize=4, label=label)
    names = [f"{candidate['name']}  v{candidate['version']}" for candidate in shown]
    axes.set_yticks(list(places), names, fontsize=8, parse_math=False)
    axes.set_ylim(0.3, len(shown) + 0.7)
    title = f"{len(order)} candidates by F1"
    tidy(axes, title if len(order) == len(shown) else f"{title}, the best {len(shown)}", "F1", "")
    axes.grid(visible=False, axis="y")
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return save(figure, path)


def markdown(search: Sequence[Ranked], model: str, shown: int = EvidenceRules.LEADERBOARD_LISTED) -> str:
    """Write the first candidates as a Markdown table, for the description of the parent run."""

    def number(candidate: Ranked, name: str) -> str:
        value = candidate["metrics"].get(name)
        return "-" if value is None else f"{value:.4f}"

    order = ranked(search)
    best = order[0]
    lines = [
        f"Best of {len(order)}: **{model} version {best['version']}** ({code(best['name'])}), F1 on test rows "
        f"{number(best, 'f1_score')}. Its model card and evidence are in the artifacts of its run.",
        "",
        "| rank | version | run | F1 for ranking (training rows, out-of-sample) | F1 on test rows | 95 % interval |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for rank, candidate in enumerate(order[:shown], start=1):
        interval = f"{number(candidate, 'f1_score_low')} to {number(candidate, 'f1_score_high')}"
        cells = [
            str(rank),
            candidate["version"],
            plain(candidate["name"]).replace("|", "\\|"),
            number(candidate, SearchRanking.METRIC),
        ]
        lines.append("| " + " | ".join([*cells, number(candidate, "f1_score"), interval]) + " |")
    return "\n".join(lines)
