"""Draw the rows to judge and give them as the endpoint takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from churn_ops.contract import ColumnChange, Window, WindowRequest
from churn_ops.drift.reference import StoredRows, read_stored
from churn_ops.drift.stored_window import StoredWindow
from churn_ops.drift.window_file import write_window
from churn_ops.progress import Progress
from churn_ops.store.connect import connect
from churn_ops.table.read_table import model_schema, read_table
from churn_ops.table.row_hash import content_keys


def window(request: WindowRequest, progress: Progress) -> Window:
    """Draw a seeded sample of rows."""
    progress("window", 0, 0, "reading the rows to judge")
    store, schema, version = request["store"], request["schema"], request["version"]
    client = connect(store["trackingUri"], must_exist=True)
    reference = read_stored(client, store["model"], version, schema, "reference")
    held_out = read_stored(client, store["model"], version, schema, "held_out")
    source = request["source"]
    if source["kind"] == "held-out":
        features, labels, customers, dates = held_out.features, held_out.labels, None, held_out.dates
    else:
        dataset = source["dataset"]
        table = read_table(dataset["path"], dataset["sha256"], dataset["rows"], source["invalidRecords"], schema)
        features, labels, customers, dates = table.features, table.labels, table.customers, table.dates
    chosen = sample_rows(len(features), request["sample"], request["seed"])
    features = features.iloc[chosen].reset_index(drop=True)
    labels = None if labels is None or (labels[chosen] < 0).all() else labels[chosen]
    features = change(features, request["changes"], request["seed"])

    learned = np.full(len(features), -1)
    if source["kind"] == "file":
        # A held-out row may equal a training row by chance; it was still not learned from.
        learned = _positions(content_keys(reference.features), content_keys(features))
    asked = [column["name"] for column in model_schema(schema)["features"]]
    drawn = StoredWindow(
        features,
        labels,
        reference,
        learned,
        schema,
        None if customers is None else customers[chosen],
        None if dates is None else dates[chosen],
    )
    write_window(drawn, Path(request["file"]))
    return {
        "rows": _records(features[asked]),
        "columns": asked,
        "labelled": labels is not None,
        "sameData": _nothing_new(features, labels, (reference, held_out)),
    }


def sample_rows(count: int, size: int, seed: int) -> np.ndarray:
    """Choose rows without repetition, in file order.

    Parameters
    ----------
    count : int
        Rows to choose from.
    size : int
        Rows wanted; all when there are fewer.
    seed : int
        The same seed gives the same rows.

    Returns
    -------
    numpy.ndarray of int
        Row numbers, ascending.
    """
    if size >= count:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, size=size, replace=False))


def change(features: pd.DataFrame, changes: list[ColumnChange], seed: int) -> pd.DataFrame:
    """Alter columns as a simulation asks.

    Parameters
    ----------
    features : pandas.DataFrame
        The rows; not modified.
    changes : list of dict
        ``{"kind": "random-integers", "column", "from", "to"}`` (both ends included) or
        ``{"kind": "scale", "column", "factor"}``.
    seed : int
        Of the random integers.

    Returns
    -------
    pandas.DataFrame
        A changed copy.
    """
    changed = features.copy()
    random = np.random.default_rng([seed, 1])
    for step in changes:
        name = step["column"]
        if step["kind"] == "random-integers":
            changed[name] = random.integers(int(step["from"]), int(step["to"]) + 1, size=len(changed)).astype(
                np.float64
            )
        else:
            changed[name] = changed[name] * step["factor"]
    return changed


def _nothing_new(features: pd.DataFrame, labels: np.ndarray | None, stored: tuple[StoredRows, StoredRows]) -> bool:
    if labels is None:
        known = [content_keys(side.features) for side in stored]
        return bool(np.isin(content_keys(features), np.concatenate(known)).all())
    labelled = labels >= 0
    known = [content_keys(side.features, side.labels) for side in stored]
    return bool(np.isin(content_keys(features[labelled], labels[labelled]), np.concatenate(known)).all())


def _positions(known: np.ndarray, keys: np.ndarray) -> np.ndarray:
    first = {key: position for position, key in reversed(list(enumerate(known.tolist())))}
    return np.array([first.get(key, -1) for key in keys.tolist()], dtype=np.int64)


def _records(features: pd.DataFrame) -> list[list[Any]]:
    return [list(values) for values in zip(*(features[name].tolist() for name in features.columns), strict=True)]
