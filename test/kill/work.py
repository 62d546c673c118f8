"""The work that is killed: a tiny training, two promotions and a clean-up, each as the request that Node would send."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import Any

MODEL = "RandomForestGridSearch"
EXPERIMENT = "customerchurn"
_ROWS = 300
_DATA = Path(__file__).resolve().parents[2] / "data" / "telco-customer-churn.csv"
_NUMBERS = frozenset({"SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"})
_WAIT_SECONDS = 120
SEED = 7

#: Two of them share a fit, so that two helpers have work of their own.
Grid = tuple[tuple[int, int | None], ...]
GRID: Grid = ((6, 3), (12, 3), (8, None))
CANDIDATES = len(GRID)


def write_table(folder: Path) -> Path:
    """Write the first rows of the bundled table into a folder."""
    path = folder / "table.csv"
    if not path.exists():
        lines = _DATA.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[: _ROWS + 1]), encoding="utf-8")
    return path


def training(folder: Path, uri: str, seed: int = SEED, grid: Grid = GRID) -> dict[str, Any]:
    """Request of ``train``: small forests, by number of trees and depth, on a few hundred real rows."""
    table = write_table(folder)
    content = table.read_bytes()
    return {
        "store": {"trackingUri": uri, "model": MODEL},
        "experiment": EXPERIMENT,
        "dataset": {
            "path": str(table),
            "sha256": hashlib.sha256(content).hexdigest(),
            "rows": content.count(b"\n") - 1,
        },
        "invalidRecords": [],
        "schema": _schema(),
        "candidates": [
            {
                "name": f"RF_{trees}_{depth}",
                "estimator": "forest",
                "params": {"n_estimators": trees, "max_depth": depth, "min_samples_split": 5},
            }
            for trees, depth in grid
        ],
        "seed": seed,
        "splitSeed": 42,
        "split": "random",
        "threshold": {"kind": "f1"},
        "calibrate": False,
        "search": {"kind": "grid", "iterations": 3, "folds": None, "spaces": []},
        "force": False,
        "waitSeconds": _WAIT_SECONDS,
        "packageVersion": "0.0.0",
        "lockSha256": "0" * 64,
    }


def promotion(uri: str, versions: list[dict[str, Any]], rank: int) -> dict[str, Any]:
    """Request that makes one version live, and all others Archived.

    Parameters
    ----------
    uri : str
        The store.
    versions : list of dict
        What ``registry.versions`` answers now.
    rank : int
        Place by F1 of the version that goes live; 0 is the best.
    """
    ranked = sorted(versions, key=lambda version: (-(version["f1"] or 0), int(version["version"])))
    champion = ranked[rank]["version"]
    holder = next((version["version"] for version in versions if "champion" in version["aliases"]), None)
    noted = next((version["version"] for version in versions if "previous" in version["aliases"]), None)
    moves = [
        {
            "version": version["version"],
            "from": version["stage"],
            "to": "Production" if version["version"] == champion else "Archived",
            "reason": f"place {rank}: {champion}",
            "f1": version["f1"],
            "rankedBy": "f1_score",
            "rank": None,
        }
        for version in versions
    ]
    return {
        "store": {"trackingUri": uri, "model": MODEL},
        "action": "promote",
        "moves": moves,
        "champion": champion,
        "previous": noted if holder == champion else holder,
        "holder": holder,
        "policy": "kill",
        "policyRules": None,
        "actor": "kill test",
        "waitSeconds": _WAIT_SECONDS,
        "evidence": None,
        "look": None,
    }


def pruning(uri: str, versions: list[dict[str, Any]], inventory: dict[str, Any]) -> dict[str, Any]:
    """Request that deletes every version without an alias, and the files of models that have no version."""
    return {
        "store": {"trackingUri": uri, "model": MODEL},
        "versions": [version["version"] for version in versions if not version["aliases"]],
        "models": [model["id"] for model in inventory["models"]],
        "searches": [],
        "folders": [],
        "waitSeconds": _WAIT_SECONDS,
    }


def _schema() -> dict[str, Any]:
    with _DATA.open(encoding="utf-8") as file:
        header = next(csv.reader(file))
    features = [
        {"name": name, "kind": "number" if name in _NUMBERS else "category", "values": [], "integer": False}
        for name in header
        if name not in ("customerID", "Churn")
    ]
    return {
        "id": "customerID",
        "target": {"column": "Churn", "positive": "Yes", "negative": "No"},
        "features": features,
    }
