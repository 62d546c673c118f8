"""Adds the results of all rounds up and prints them as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from kill.result import Result

_COLUMNS = ("rounds", "killed", "broken", "reruns", "skipped", "reads", "gone max s", "notice max s")


def tally(results: list[Result]) -> dict[str, Any]:
    """Sum up.

    Returns
    -------
    dict
        ``rows`` by kind and store, and totals.
    """
    rows: dict[str, dict[str, float]] = {}
    for result in results:
        row = rows.setdefault(f"{result.kind}, {result.store}", dict.fromkeys(_COLUMNS, 0.0))
        row["rounds"] += not result.skipped
        row["killed"] += result.killed
        row["broken"] += bool(result.broken)
        row["reruns"] += result.reruns
        row["skipped"] += bool(result.skipped)
        row["reads"] += result.watched.get("reads", 0)
        row["gone max s"] = max(row["gone max s"], result.gone_seconds)
        row["notice max s"] = max(row["notice max s"], result.notice_seconds)
    return {
        "rows": rows,
        "readsWithChampion": sum(result.watched.get("with_champion", 0) for result in results),
        "twoStages": sum(result.watched.get("two_stages", 0) for result in results),
        "journaledAndFittedAgain": _spread(result.lost for result in results if result.killed),
        "finishedAndFittedAgain": _spread(result.unnoted for result in results if result.killed),
        "broken": [f"{r.kind}, {r.store}, {r.case}: {text}" for r in results for text in r.broken],
        "skipped": sorted({f"{r.kind}, {r.store}: {r.skipped}" for r in results if r.skipped}),
    }


def text(total: dict[str, Any], seed: int, left: list[str], minutes: float) -> str:
    """Make the table and the lines below it."""
    lines = [f"{'':28}" + "".join(f"{name:>13}" for name in _COLUMNS)]
    for title, row in total["rows"].items():
        numbers = "".join(_cell(name, row[name]) for name in _COLUMNS)
        lines.append(f"{title:28}{numbers}")
    lines += [
        "",
        f"champion reads after one was set: {total['readsWithChampion']}; "
        f"of these with two versions in stage Production while it followed the alias: {total['twoStages']}",
        f"work lost, as candidates: rounds. Journaled and fitted again: {total['journaledAndFittedAgain']}; "
        f"finished by a helper and fitted again: {total['finishedAndFittedAgain']}",
        f"left over afterwards: {len(left)}",
        *(f"  {each}" for each in left),
        f"broken: {len(total['broken'])}",
        *(f"  {each}" for each in total["broken"]),
        *(f"skipped: {each}" for each in total["skipped"]),
        f"seed {seed}, {minutes:.1f} minutes",
    ]
    return "\n".join(lines)


def _spread(numbers: Iterable[int]) -> dict[int, int]:
    return dict(sorted(Counter(numbers).items()))


def _cell(name: str, value: float) -> str:
    return f"{value:13.2f}" if name.endswith(" s") else f"{int(value):13d}"
