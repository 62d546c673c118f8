"""The file that keeps a window between the calls of one run: its path is the caller's, who takes it away too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from churn_ops.contract import DriftRequest, RetrainingRequest, TableSchema
from churn_ops.drift.reference import StoredRows, read_stored
from churn_ops.drift.stored_window import StoredWindow
from churn_ops.process import atomic_file
from churn_ops.store.connect import connect

# Every column carries one of the two, so that no name of a table can be one of ours.
_OURS, _FEATURE = "churnops:", "feature:"


def write_window(window: StoredWindow, path: Path) -> None:
    """Keep a window; the reference is in the store already."""
    beside = {"label": window.labels, "learned": window.learned, "customer": window.customers, "date": window.dates}
    columns = {f"{_OURS}{name}": values for name, values in beside.items() if values is not None}
    columns |= {f"{_FEATURE}{name}": values for name, values in window.features.items()}
    with atomic_file.draft(path) as unfinished:
        pd.DataFrame(columns, copy=False).to_parquet(unfinished, index=False)


def stored_window(request: DriftRequest | RetrainingRequest) -> StoredWindow:
    """Give the window that an earlier call drew, with the reference of its version.

    Raises
    ------
    ChurnOpsError
        ``VERSION_UNKNOWN``, ``MODEL_INTEGRITY`` or ``SCHEMA_MISMATCH``, of the reference.
    """
    store, schema = request["store"], request["schema"]
    client = connect(store["trackingUri"], must_exist=True)
    reference = read_stored(client, store["model"], request["version"], schema, "reference")
    return _read(Path(request["file"]), schema, reference)


def _read(path: Path, schema: TableSchema, reference: StoredRows) -> StoredWindow:
    frame = pd.read_parquet(path)
    typed = {}
    for column in schema["features"]:
        values = frame[f"{_FEATURE}{column['name']}"]
        if column["kind"] == "number":
            typed[column["name"]] = values.to_numpy(dtype=np.float64)
        else:
            typed[column["name"]] = values.astype(object).where(values.notna(), None).to_numpy(dtype=object)
    ours = {
        name: frame[f"{_OURS}{name}"].to_numpy()
        for name in ("label", "learned", "customer", "date")
        if f"{_OURS}{name}" in frame
    }
    features = pd.DataFrame(typed, copy=False)
    return StoredWindow(
        features, ours.get("label"), reference, ours["learned"], schema, ours.get("customer"), ours.get("date")
    )
