"""What differs between a recorded version and the same training run again."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pandas as pd

from churn_ops.contract import Difference, Metrics, ReproductionRequest, Tag
from churn_ops.training.evidence.stored_version import StoredVersion
from churn_ops.versions.stored import Side


def differing_metrics(recorded: dict[str, float], now: Metrics) -> list[Difference]:
    """Name the metrics that are not equal to the last digit."""
    names = [*recorded, *(name for name in now if name not in recorded and now[name] is not None)]
    return [
        {"what": name, "recorded": recorded.get(name), "now": now.get(name)}
        for name in names
        if recorded.get(name) != now.get(name)
    ]


def differing_predictions(recorded: StoredVersion, folder: Path) -> tuple[list[Difference], int]:
    """Compare the stored predictions with those in a folder, to the last digit; also gives how many there are."""
    differences, count = [], 0
    sides: tuple[tuple[Side, str], ...] = (
        ("held_out", "predictions of test rows"),
        ("reference", "predictions of training rows"),
    )
    for side, words in sides:
        before = recorded.stored.answers(recorded.number, side).probabilities
        now = pd.read_csv(folder / f"{side}.csv", float_precision="round_trip")["probability"].to_numpy()
        count += len(before)
        if np.array_equal(before, now, equal_nan=True):
            continue
        if len(before) != len(now):
            differences.append({"what": words, "recorded": len(before), "now": len(now)})
            continue
        same = (before == now) | (np.isnan(before) & np.isnan(now))
        gap = float(np.nanmax(np.abs(before - now)))
        differences.append(
            {"what": words, "recorded": len(before), "now": f"{int((~same).sum())} differ, by at most {gap:.3g}"}
        )
    return differences, count


def differing_packages(recorded: StoredVersion, request: ReproductionRequest) -> list[Difference]:
    """Name what is installed now in another version than then."""
    pairs = [
        ("lock", recorded.tags.get(Tag.LOCK_SHA256), request["lockSha256"]),
        ("churn-ops", recorded.tags.get(Tag.PACKAGE_VERSION), request["packageVersion"]),
        *((name, pinned, _installed(name)) for name, pinned in _pinned(recorded.folder / "requirements.txt")),
    ]
    return [{"what": what, "recorded": before, "now": now} for what, before, now in pairs if before != now]


def _pinned(path: Path) -> list[tuple[str, str]]:
    if not path.is_file():
        return []
    return re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
