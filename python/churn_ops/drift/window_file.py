"""The file that keeps a window between the calls of one run: its path is the caller's, who takes it away too."""

from __future__ import annotations

from pathlib import Path

from churn_ops.contract import DriftRequest, RetrainingRequest, TableSchema
from churn_ops.drift.reference import StoredRows, read_stored
from churn_ops.drift.stored_window import StoredWindow
from churn_ops.process import atomic_file
from churn_ops.store.connect import connect
from churn_ops.versions.columns_file import read_columns, write_columns


def write_window(window: StoredWindow, path: Path) -> None:
    """Keep a window; the reference is in the store already."""
    beside = {"label": window.labels, "learned": window.learned, "customer": window.customers, "date": window.dates}
    known = {name: values for name, values in beside.items() if values is not None}
    with atomic_file.draft(path) as unfinished:
        write_columns(window.features, known, unfinished)


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
    features, ours = read_columns(path, schema)
    return StoredWindow(
        features, ours.get("label"), reference, ours["learned"], schema, ours.get("customer"), ours.get("date")
    )
