"""What a search has learned of each column: with it a later table is told which of its values are new."""

from __future__ import annotations

from typing import Any

import pandas as pd

from churn_ops.contract import TableSchema, TrainingRules

#: In the run of a search; ``registry/columns.py`` reads it.
COLUMNS_FILE = "columns.json"


def seen_columns(schema: TableSchema, train: pd.DataFrame) -> list[dict[str, Any]]:
    """List the columns of a schema with the values that the training rows have.

    Parameters
    ----------
    schema : dict
        The table's schema.
    train : pandas.DataFrame
        The training rows.

    Returns
    -------
    list of dict
        ``name``, ``kind``, ``integer``, ``sensitive`` and ``values``, None for numbers and for over a thousand.
    """
    return [
        {
            "name": column["name"],
            "kind": column["kind"],
            "integer": column["kind"] == "number" and bool(column.get("integer", False)),
            "sensitive": bool(column.get("sensitive", False)),
            "values": _values(train[column["name"]]) if column["kind"] == "category" else None,
        }
        for column in schema["features"]
    ]


def _values(column: pd.Series) -> list[str] | None:
    values = sorted(column.dropna().unique().tolist())
    return values if len(values) <= TrainingRules.SEEN_VALUES else None
