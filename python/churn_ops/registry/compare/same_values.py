"""Rows of two tables that are the same by their values, where neither ids nor keys can tell."""

from __future__ import annotations

import numpy as np

from churn_ops.table.known_rows import have_several
from churn_ops.table.row_hash import content_keys
from churn_ops.versions.rows import Rows
from churn_ops.versions.stored import Side, StoredVersions


def same_content(stored: StoredVersions, by: str, of: str, side: Side) -> np.ndarray:
    """Tell which held-out rows of ``of`` have the values of a row of ``by``; never, when both tables have ids."""
    rows, others = stored.rows(of, "held_out"), stored.rows(by, side)
    if rows.has_ids and others.has_ids:
        return np.zeros(len(rows), dtype=bool)
    names = _common_names(rows, others)
    return np.isin(content_keys(rows.features, names=names), content_keys(others.features, names=names))


def aligned(stored: StoredVersions, one: str, other: str) -> bool:
    """Tell whether two searches split the same table in the same order: all values that both have agree row by row."""
    sides: tuple[Side, ...] = ("held_out", "reference")
    for side in sides:
        tables = stored.rows(one, side), stored.rows(other, side)
        names = _common_names(*tables)
        if len(tables[0]) != len(tables[1]) or not names:
            return False
        ones, others = (content_keys(table.features, table.label, names=names) for table in tables)
        if not np.array_equal(ones, others):
            return False
    return True


def names_by_value(stored: StoredVersions, one: str, other: str) -> tuple[np.ndarray, np.ndarray]:
    """Give the held-out rows of two versions names that are equal for equal values, as far as these identify rows."""
    tables = stored.rows(one, "held_out"), stored.rows(other, "held_out")
    names = _common_names(*tables)
    return _unique_only(tables[0], names, 0), _unique_only(tables[1], names, 1)


def _unique_only(table: Rows, columns: list[str], side: int) -> np.ndarray:
    # Rows that cannot be told apart by these columns, copies aside, get names that no other row has.
    content = content_keys(table.features, names=columns)
    names = content.astype(str).astype(object)
    for place in np.flatnonzero(have_several(content, table.row_key)):
        names[place] = f"ambiguous-{side}-{place}"
    return names.astype(str)


def _common_names(one: Rows, other: Rows) -> list[str]:
    return [name for name in one.features.columns if name in other.features.columns]
