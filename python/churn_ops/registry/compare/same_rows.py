"""Which stored rows of two versions are the same, and whose rows one of them trained on.

By keys and ids alone as far as they tell; the values of rows, whose reading takes pandas, are looked at only where not.
"""

from __future__ import annotations

import numpy as np

from churn_ops.contract import Tag
from churn_ops.table.known_rows import among, have_several, with_whole_customers
from churn_ops.versions.stored import StoredVersions


def seen(stored: StoredVersions, by: str, of: str) -> np.ndarray:
    """Tell which held-out rows of version ``of`` are of customers among the training rows of version ``by``."""
    found = among(stored.answers(of, "held_out").keys, stored.trained_keys(by))
    rows = stored.customers(of, "held_out")
    if not _same_table(stored, by, of):
        trained = stored.customers(by, "reference")
        if rows.has_ids and trained.has_ids:
            found |= among(rows.customer, trained.customer)
        else:
            found |= _of_same_values(stored, by, of)
    return with_whole_customers(found, rows.group)


def identities(stored: StoredVersions, one: str, other: str) -> tuple[np.ndarray, np.ndarray]:
    """Give the held-out rows of two versions names that are equal for equal rows."""
    keys = stored.answers(one, "held_out").keys.astype(str), stored.answers(other, "held_out").keys.astype(str)
    if _same_table(stored, one, other) or not frozenset(keys[0]).isdisjoint(keys[1]):
        return keys
    tables = stored.customers(one, "held_out"), stored.customers(other, "held_out")
    if all(table.has_ids and not have_several(table.customer, table.row_key).any() for table in tables):
        return tables[0].customer.astype(str), tables[1].customer.astype(str)
    from churn_ops.registry.compare import same_values

    if same_values.aligned(stored, one, other):
        return np.arange(len(keys[0])), np.arange(len(keys[1]))
    return same_values.names_by_value(stored, one, other)


def _of_same_values(stored: StoredVersions, by: str, of: str) -> np.ndarray:
    from churn_ops.registry.compare import same_values

    if same_values.aligned(stored, by, of):
        # In the same table with other columns, places identify rows; the values of few columns do not.
        return np.zeros(len(stored.customers(of, "held_out")), dtype=bool)
    return same_values.same_content(stored, by, of, "reference")


def _same_table(stored: StoredVersions, one: str, other: str) -> bool:
    """Tell whether two versions come from the same table and columns, so that row keys alone identify rows."""
    names = (Tag.PARENT_RUN_ID,), (Tag.DATA_SHA256, Tag.SCHEMA_SHA256)
    mine, theirs = stored.tags(one), stored.tags(other)
    return any(all(name in mine and mine[name] == theirs.get(name) for name in group) for group in names)
