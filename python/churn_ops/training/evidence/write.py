"""Write the evidence of one candidate, or of a whole search, into a folder."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from churn_ops.training.engine.events import Ranked
from churn_ops.training.evidence import curves
from churn_ops.training.evidence.card import model_card
from churn_ops.training.evidence.cells import spreadsheet
from churn_ops.training.evidence.facts import Facts
from churn_ops.training.evidence.importance import draw_importance, permutation_importance
from churn_ops.training.evidence.leaderboard import draw_leaderboard, write_csv
from churn_ops.training.evidence.slices import slices
from churn_ops.training.fit.picture import save_confusion_matrix

CARD = "model_card.md"
#: Folder of the pictures and tables, next to the card.
EVIDENCE = "evidence"


def write_card(folder: Path, facts: Facts) -> Path:
    """Write the card without importance: a few milliseconds, for every candidate.

    Parameters
    ----------
    folder : pathlib.Path
        Exists already.
    facts : Facts
        ``model`` is not used.

    Returns
    -------
    pathlib.Path
        ``model_card.md``.
    """
    path = folder / CARD
    path.write_text(model_card(facts, slices(facts)), encoding="utf-8")
    return path


def write_evidence(folder: Path, facts: Facts, threads: int = 1) -> list[Path]:
    """Write everything that is to be seen of one version.

    Parameters
    ----------
    folder : pathlib.Path
        Exists already; gets ``model_card.md`` and the folder ``evidence``.
    facts : Facts
        With ``model``, else there is no importance; with ``search``, else there is no leaderboard.
    threads : int
        For the importance.

    Returns
    -------
    list of pathlib.Path
        The files, the card first.
    """
    first = [write_card(folder, facts)] if facts.model is None else write_importance(folder, facts, threads)
    files = [*first, *write_pictures(folder, facts)]
    if facts.search:
        files += write_leaderboard(folder / EVIDENCE, facts.search)
    return files


def write_importance(folder: Path, facts: Facts, threads: int = 1) -> list[Path]:
    """Write the card with importance, and the importance as picture and table; needs ``facts.model``."""
    inner = _inner(folder)
    importance = permutation_importance(facts, threads=threads)
    card = folder / CARD
    card.write_text(model_card(facts, slices(facts), importance), encoding="utf-8")
    if not importance:
        return [card]
    return [
        card,
        draw_importance(importance, inner / "importance.png"),
        _write_table([asdict(item) for item in importance], inner / "importance.csv"),
    ]


def write_pictures(folder: Path, facts: Facts) -> list[Path]:
    """Write curves, confusion matrix and slices; ``facts.model`` is not used."""
    inner = _inner(folder)
    confusion = inner / "confusion_matrix.png"
    save_confusion_matrix(facts.labels, facts.flagged.astype(np.int64), facts.label_names, confusion)
    files = [confusion]
    if len(np.unique(facts.labels)) == 2:
        files += [
            curves.draw_roc(facts, inner / "roc.png"),
            curves.draw_precision_recall(facts, inner / "precision_recall.png"),
        ]
    groups = [{**asdict(group), "off": group.off} for group in slices(facts)]
    return [
        *files,
        curves.draw_calibration(facts, inner / "calibration.png"),
        curves.draw_threshold(facts, inner / "threshold.png"),
        _write_table(groups, inner / "slices.csv"),
    ]


def write_leaderboard(folder: Path, search: Sequence[Ranked]) -> list[Path]:
    """Write the leaderboard of a search as picture and table.

    Parameters
    ----------
    folder : pathlib.Path
        Exists already.
    search : sequence of Ranked
        Its candidates.

    Returns
    -------
    list of pathlib.Path
        ``leaderboard.png`` and ``leaderboard.csv``.
    """
    return [draw_leaderboard(search, folder / "leaderboard.png"), write_csv(search, folder / "leaderboard.csv")]


def _inner(folder: Path) -> Path:
    inner = folder / EVIDENCE
    inner.mkdir(parents=True, exist_ok=True)
    return inner


def _write_table(rows: list[dict[str, Any]], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        if rows:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows([{name: spreadsheet(value) for name, value in row.items()} for row in rows])
    return path
