"""Which stored rows of two versions are the same, and whose rows one of them trained on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from churn_ops.contract import Tag
from churn_ops.table.customers import among, with_whole_customers
from churn_ops.table.row_hash import content_keys
from churn_ops.versions.rows import Rows
from churn_ops.versions.stored import Side, StoredVersions


def seen(stored: StoredVersions, by: str, of: str) -> np.ndarray:
    """Tell which held-out rows of version ``of`` are of customers among the training rows of version ``by``."""
    found = among(stored.answers(of, "held_out").keys, stored.trained_keys(by))
    rows = stored.rows(of, "held_out")
    if not _same_table(stored, by, of):
        trained = stored.rows(by, "reference")
        if rows.has_ids and trained.has_ids:
            found |= among(rows.customer, trained.customer)
        # In the same table with other columns, places identify rows; the values of few columns do not.
        elif not _aligned(stored, by, of):
            found |= same_content(stored, by, of, "reference")
    return with_whole_customers(found, rows.group)


def same_content(stored: StoredVersions, by: str, of: str, side: Side) -> np.ndarray:
    """Tell which held-out rows of ``of`` have the values of a row of ``by``; never, when both tables have ids."""
    rows, others = stored.rows(of, "held_out"), stored.rows(by, side)
    if rows.has_ids and others.has_ids:
        return np.zeros(len(rows), dtype=bool)
    names = _common_names(rows, others)
    return np.isin(content_keys(rows.features, names=names), content_keys(others.features, names=names))


def identities(stored: StoredVersions, one: str, other: str) -> tuple[np.ndarray, np.ndarray]:
    """Give the held-out rows of two versions names that are equal for equal rows."""
    keys = stored.answers(one, "held_out").keys.astype(str), stored.answers(other, "held_out").keys.astype(str)
    if _same_table(stored, one, other) or not frozenset(keys[0]).isdisjoint(keys[1]):
        return keys
    tables = stored.rows(one, "held_out"), stored.rows(other, "held_out")
    if all(table.has_ids and not _have_several(table.customer, table.row_key).any() for table in tables):
        return tables[0].customer.astype(str), tables[1].customer.astype(str)
    if _aligned(stored, one, other):
        return np.arange(len(keys[0])), np.arange(len(keys[1]))
    names = _common_names(*tables)
    return _unique_only(tables[0], names, 0), _unique_only(tables[1], names, 1)


def _same_table(stored: StoredVersions, one: str, other: str) -> bool:
    """Tell whether two versions come from the same table and columns, so that row keys alone identify rows."""
    names = (Tag.PARENT_RUN_ID,), (Tag.DATA_SHA256, Tag.SCHEMA_SHA256)
    mine, theirs = stored.tags(one), stored.tags(other)
    return any(all(name in mine and mine[name] == theirs.get(name) for name in group) for group in names)


def _aligned(stored: StoredVersions, one: str, other: str) -> bool:
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


def _unique_only(table: Rows, columns: list[str], side: int) -> np.ndarray:
    # Rows that cannot be told apart by these columns, copies aside, get names that no other row has.
    content = content_keys(table.features, names=columns)
    names = content.astype(str).astype(object)
    for place in np.flatnonzero(_have_several(content, table.row_key)):
        names[place] = f"ambiguous-{side}-{place}"
    return names.astype(str)


def _have_several(names: np.ndarray, row_keys: np.ndarray) -> np.ndarray:
    """Tell which rows bear a name that rows of other values bear too."""
    return pd.Series(row_keys).groupby(names).transform("nunique").to_numpy() > 1


def _common_names(one: Rows, other: Rows) -> list[str]:
    return [name for name in one.features.columns if name in other.features.columns]
