"""Write what a retraining learns from: the reference and the new labelled rows of a window."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from churn_ops.contract import RetrainingRequest, RetrainingTable
from churn_ops.drift.stored_window import StoredWindow
from churn_ops.drift.window_file import stored_window
from churn_ops.errors import ChurnOpsError
from churn_ops.process import atomic_file
from churn_ops.progress import Progress
from churn_ops.table.csv_columns import KNOWN_CUSTOMER
from churn_ops.table.read_table import to_csv_columns
from churn_ops.table.row_hash import content_keys


def retraining_table(request: RetrainingRequest, _progress: Progress) -> RetrainingTable:
    """Write reference and window as one CSV in the table's own columns and labels."""
    drawn = stored_window(request)
    if drawn.labels is None:
        raise ValueError("a window without labels cannot be used for training")
    reference, schema = drawn.reference, drawn.schema
    known = content_keys(reference.features, reference.labels)
    new = (drawn.labels >= 0) & ~np.isin(content_keys(drawn.features, drawn.labels), known)
    date = schema.get("date")
    if date is not None:
        new &= _dated(drawn, request["version"])
    features = pd.concat([reference.features, drawn.features[new]], ignore_index=True)
    labels = np.concatenate([reference.labels, drawn.labels[new]])

    target = schema["target"]
    columns = to_csv_columns(features, schema)
    if schema.get("id"):
        columns = {schema["id"]: _ids(drawn, drawn.labels, new), **columns}
    if date is not None and reference.dates is not None:
        fresh = [] if drawn.dates is None else drawn.dates[new].tolist()
        columns[date] = [*reference.dates.tolist(), *fresh]
    columns[target["column"]] = [target["positive"] if label else target["negative"] for label in labels]
    path = Path(request["path"]).resolve()
    _write(path, columns)
    return {"path": str(path), "rows": len(labels), "newRows": int(new.sum())}


def _dated(drawn: StoredWindow, version: str) -> np.ndarray:
    """Tell which rows of the window have a date; without one a row cannot be learned from."""
    if drawn.reference.dates is None:
        raise ChurnOpsError(
            "SCHEMA_MISMATCH",
            f"The training rows of version {version} have no dates, which the schema requires. Nothing was trained.",
            "Train on a table that has them: `churn-ops train --data FILE`.",
            {"version": version, "missing": [drawn.schema["date"]]},
        )
    if drawn.dates is None:
        return np.zeros(len(drawn.features), dtype=bool)
    return np.array([str(date).strip() != "" for date in drawn.dates], dtype=bool)


def _ids(drawn: StoredWindow, labels: np.ndarray, new: np.ndarray) -> list[str]:
    # Keys and no ids, which are stored nowhere: a known customer keeps its side of the split. Held-out rows that a
    # simulation altered are new customers, or nothing could be learned from them.
    if drawn.customers is None:
        fresh = [f"{key:016x}" for key in content_keys(drawn.features, labels)[new].tolist()]
    else:
        fresh = drawn.customers[new].tolist()
    return [f"{KNOWN_CUSTOMER}{key}" for key in [*drawn.reference.customers.tolist(), *fresh]]


def _write(path: Path, columns: dict[str, list[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file.draft(path) as unfinished, unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
